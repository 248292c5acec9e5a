// Counts the failures of one project in a row, and of one class in a window, and says when they are enough.

import type { BreakerRule } from '../fleet.ts';
import type { AgentKey, RunId } from '../ids.ts';

/** Failures whose evidence is kept; an issue with more rows is not read. */
export const EVIDENCE_KEPT = 10;

/** One failed run that counts. `lastLine` was redacted by the caller. */
export interface CountedFailure {
  readonly run: RunId;
  readonly agent: AgentKey;
  /** Failure class or limit, as the table of classes names it. */
  readonly class: string;
  /** For people: "exit 1". */
  readonly how: string;
  readonly endedAt: number;
  readonly durationMs: number | null;
  readonly lastLine: string | null;
  readonly configHash: string;
}

/** What is counted for one project. Plain JSON: it lives in the ledger, so a restart forgives nothing. */
export interface ProjectFailureCounter {
  /** Counted failures since the last counted success. */
  readonly failures: number;
  /** The newest of them, oldest first, at most EVIDENCE_KEPT. */
  readonly latest: readonly CountedFailure[];
  /** When each class failed, for the rule `same_class`; at most its count per class. */
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
  failure: CountedFailure,
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

function judge(counter: ProjectFailureCounter, failure: CountedFailure, rule: BreakerRule): ShouldPause {
  if (counter.failures >= threshold(rule)) {
    return { kind: 'yes', because: 'in_a_row', failures: counter.failures, limit: threshold(rule) };
  }
  const sameClass = counter.marks.filter((mark) => mark.class === failure.class).length;
  if (rule.sameClass !== null && sameClass >= Math.max(1, rule.sameClass.count)) {
    return { kind: 'yes', because: 'same_class', failures: sameClass, limit: Math.max(1, rule.sameClass.count) };
  }
  return { kind: 'no' };
}

function addMark(
  marks: ProjectFailureCounter['marks'],
  failure: CountedFailure,
  rule: BreakerRule['sameClass'],
): ProjectFailureCounter['marks'] {
  if (rule === null) {
    return [];
  }
  const fresh = marks.filter((mark) => mark.at > failure.endedAt - rule.windowMs);
  const same = fresh.filter((mark) => mark.class === failure.class);
  const surplus = same.length - Math.max(1, rule.count) + 1;
  const dropped = new Set(surplus > 0 ? same.slice(0, surplus) : []);
  return [...fresh.filter((mark) => !dropped.has(mark)), { class: failure.class, at: failure.endedAt }];
}
