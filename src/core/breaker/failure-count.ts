// Counts the failures of one project in a row, and of one class in a window, and says when they are enough.

import type { BreakerRule } from '../fleet.ts';
import type { AgentKey } from '../ids.ts';
import type { IncidentRun } from '../react/incident.ts';
import { failureName } from '../react/outcome-text.ts';

/** Failures whose evidence is kept; an issue with more rows is not read. */
export const EVIDENCE_KEPT = 10;

/** What is kept of a run that did not succeed. `lastLine` was redacted by the caller. */
export interface FailedRun extends IncidentRun {
  readonly agent: AgentKey;
  readonly lastLine: string | null;
  readonly configHash: string;
}

/** What is counted for one project. Plain JSON: it lives in the ledger, so a restart forgives nothing. */
export interface ProjectFailureCounter {
  /** Counted failures since the last counted success. */
  readonly failures: number;
  /** The newest of them, oldest first, at most EVIDENCE_KEPT. */
  readonly latest: readonly FailedRun[];
  /** When what failed, by `failureName`, for the rule `same_class`; at most its count of each. */
  readonly marks: readonly { readonly class: string; readonly at: number }[];
}

/** Whether this failure is the one that pauses the project. */
export type ShouldPause =
  | { readonly kind: 'no' }
  | {
      readonly kind: 'yes';
      readonly because: 'in_a_row' | 'same_class';
      readonly failures: number;
      readonly limit: number;
    };

/** Nothing counted yet. */
export const NO_FAILURES: ProjectFailureCounter = { failures: 0, latest: [], marks: [] };

/** How many failures in a row pause a project; zero means one. */
export function threshold(rule: Pick<BreakerRule, 'threshold'>): number {
  return Math.max(1, rule.threshold);
}

/** Counts one failure. `yes` is answered once: while `tripped` the failures are counted and pause nothing more. */
export function recordFailure(
  counter: ProjectFailureCounter,
  failure: FailedRun,
  limits: { readonly rule: BreakerRule; readonly tripped: boolean },
): { readonly counter: ProjectFailureCounter; readonly shouldPause: ShouldPause } {
  const counted: ProjectFailureCounter = {
    failures: counter.failures + 1,
    latest: [...counter.latest, failure].slice(-EVIDENCE_KEPT),
    marks: addMark(counter.marks, failure, limits.rule.sameClass),
  };
  const shouldPause: ShouldPause = limits.tripped ? { kind: 'no' } : judge(counted, failure, limits.rule);
  // After a trip the window begins anew, else its old marks would trip the next incident with one failure.
  return { counter: shouldPause.kind === 'yes' ? { ...counted, marks: [] } : counted, shouldPause };
}

/** A success ends the row of failures. The window of `same_class` goes on: it asks how often, not how long in a row. */
export function recordSuccess(counter: ProjectFailureCounter): ProjectFailureCounter {
  return { ...counter, failures: 0, latest: [] };
}

function judge(counter: ProjectFailureCounter, failure: FailedRun, rule: BreakerRule): ShouldPause {
  if (counter.failures >= threshold(rule)) {
    return { kind: 'yes', because: 'in_a_row', failures: counter.failures, limit: threshold(rule) };
  }
  const sameClass = counter.marks.filter((mark) => mark.class === failureName(failure.outcome)).length;
  if (rule.sameClass !== null && sameClass >= Math.max(1, rule.sameClass.count)) {
    return { kind: 'yes', because: 'same_class', failures: sameClass, limit: Math.max(1, rule.sameClass.count) };
  }
  return { kind: 'no' };
}

function addMark(
  marks: ProjectFailureCounter['marks'],
  failure: FailedRun,
  rule: BreakerRule['sameClass'],
): ProjectFailureCounter['marks'] {
  if (rule === null) {
    return [];
  }
  const name = failureName(failure.outcome);
  const fresh = marks.filter((mark) => mark.at > failure.endedAt - rule.windowMs);
  const same = fresh.filter((mark) => mark.class === name);
  const surplus = same.length - Math.max(1, rule.count) + 1;
  const dropped = new Set(surplus > 0 ? same.slice(0, surplus) : []);
  return [...fresh.filter((mark) => !dropped.has(mark)), { class: name, at: failure.endedAt }];
}
