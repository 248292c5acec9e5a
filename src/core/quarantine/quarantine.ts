// Holds one agent after repeated failures of its own, so that a flaky agent is held without its project.

import { OperationalError } from '../../lib/operational-error.ts';
import { issueEffect } from '../breaker/effect.ts';
import type { IssueEffect, IssueNote } from '../breaker/event.ts';
import { EVIDENCE_KEPT } from '../breaker/failure-count.ts';
import type { FailedRun } from '../breaker/failure-count.ts';
import type { IssueLink, PastIncident } from '../breaker/state.ts';
import type { AgentKey, RunId } from '../ids.ts';
import { failureName } from '../react/outcome-text.ts';
import { countsForBreaker, endingOf, treatmentOf } from '../run/failure-class.ts';
import type { FactBody } from '../run/facts.ts';
import type { Outcome } from '../run/outcome.ts';
import { describeQuarantine } from './reason.ts';
import type { QuarantineReason } from './reason.ts';

/** Failures of its own in a row … */
export const QUARANTINE_FAILURES = 5;
/** … within this time hold an agent. A week, so that a nightly agent gets there too. */
export const QUARANTINE_WINDOW_MS = 7 * 86_400_000;

//             failures enough, or restarts too often
//   ┌────────┐ ────────────────────────────────────► ┌────────┐
//   │  free  │                                       │  held  │
//   └────────┘ ◄───────┐                             └────────┘
//               success│   ┌──────────┐   release     │     ▲
//                      └───┤ released │◄──────────────┘     │
//                          └──────────┴─────────────────────┘
//                            its next failure: same incident, same issue

/** One agent's standing. Plain JSON, kept in the transaction of the ending that changed it. */
export type Quarantine = Free | Held | Released;

interface Memory {
  readonly version: 1;
  /** Failures of its own in a row, the newest last, at most EVIDENCE_KEPT. */
  readonly failures: readonly FailedRun[];
  /** The newest incident that is over. */
  readonly last: PastIncident | null;
}

/** Nothing against it. */
export interface Free extends Memory {
  readonly kind: 'free';
}

/** Not started until it is released. */
export interface Held extends Memory {
  readonly kind: 'held';
  readonly incident: PastIncident;
  readonly reason: QuarantineReason;
  /** Epoch ms. */
  readonly since: number;
  /** How often it was held within this incident. */
  readonly holds: number;
  /** A person closed its issue during this hold, and was told that it still holds. */
  readonly closingTold?: boolean;
}

/** Started again; its next ending decides. */
export interface Released extends Memory {
  readonly kind: 'released';
  readonly incident: PastIncident;
  readonly holds: number;
}

/** What can happen to it; each is accepted in each state. */
export type QuarantineEvent =
  /** A run failed, and `isOwnFailure` says that this agent answers for it. */
  | { readonly kind: 'failure'; readonly failure: FailedRun }
  | { readonly kind: 'success'; readonly run: RunId }
  /** Held at once, by the restart policy of Safety agents. */
  | { readonly kind: 'hold'; readonly reason: QuarantineReason; readonly failure: FailedRun | null }
  | { readonly kind: 'release'; readonly by: string }
  | { readonly kind: 'issue_opened'; readonly incident: string; readonly issue: IssueLink }
  /** A person closed the issue. */
  | { readonly kind: 'issue_closed'; readonly incident: string };

/** Where and when an event arrives. */
export interface QuarantineContext {
  readonly agent: AgentKey;
  /** Epoch ms. */
  readonly now: number;
  /** A fresh id, used if the event begins an incident. */
  readonly freshIncident: string;
  readonly configHash: string;
}

/** New state, and what is to be stored with it in the same transaction. */
export interface QuarantineChange {
  readonly state: Quarantine;
  readonly effects: readonly ({ readonly kind: 'fact'; readonly fact: FactBody } | IssueEffect)[];
}

/** An agent of which nothing is known. */
export const NOT_QUARANTINED: Free = { version: 1, kind: 'free', failures: [], last: null };

/** Fingerprint of the issue that a quarantine of `agent` opens. */
export function quarantineFingerprint(agent: AgentKey): string {
  return `quarantine:${agent}`;
}

/** Whether the agent itself answers for `outcome`. `counted`: its project's breaker counts this agent, and so these failures. */
export function isOwnFailure(outcome: Outcome, counted: boolean): boolean {
  return treatmentOf(endingOf(outcome)).owner === 'agent' || (countsForBreaker(outcome) && !counted);
}

/** What `event` does. */
export function quarantineAfter(
  state: Quarantine,
  event: QuarantineEvent,
  context: QuarantineContext,
): QuarantineChange {
  switch (event.kind) {
    case 'failure':
      return countFailure(state, event.failure, context);
    case 'success':
      return succeed(state, event.run, context);
    case 'hold':
      return hold(event.failure === null ? state : withFailure(state, event.failure), event.reason, context);
    case 'release':
      return release(state, event.by, context);
    case 'issue_opened':
      return { state: linkIssue(state, event.incident, event.issue), effects: [] };
    case 'issue_closed':
      return answerClosing(state, event.incident, context);
  }
}

/** What admission asks: why the agent is held, or null. */
export function quarantineStand(state: Quarantine): { readonly reason: string; readonly until: number | null } | null {
  return state.kind === 'held' ? { reason: describeQuarantine(state.reason), until: null } : null;
}

/** The state in `stored` (a JSON value; null: none yet). Throws OperationalError `quarantine.unreadable` for a newer version's. */
export function readQuarantine(stored: unknown): Quarantine {
  if (stored === null || stored === undefined) {
    return NOT_QUARANTINED;
  }
  if (typeof stored === 'object' && 'version' in stored && stored.version === 1) {
    return stored as Quarantine;
  }
  throw new OperationalError(
    'quarantine.unreadable',
    'the ledger holds a quarantine that this version cannot read: start the version that wrote it',
  );
}

function countFailure(before: Quarantine, failure: FailedRun, context: QuarantineContext): QuarantineChange {
  const state = withFailure(before, failure);
  if (state.kind === 'held') {
    return { state, effects: [] };
  }
  if (state.kind === 'released') {
    return hold(state, { kind: 'failed_after_release', class: failureName(failure.outcome) }, context);
  }
  const { failures } = state;
  return failures.length < QUARANTINE_FAILURES
    ? { state, effects: [] }
    : hold(
        state,
        {
          kind: 'fails_too_often',
          failures: failures.length,
          windowMs: QUARANTINE_WINDOW_MS,
          class: failureName(failure.outcome),
        },
        context,
      );
}

function withFailure<State extends Quarantine>(state: State, failure: FailedRun): State {
  const recent = state.failures.filter((earlier) => earlier.endedAt > failure.endedAt - QUARANTINE_WINDOW_MS);
  return { ...state, failures: [...recent, failure].slice(-EVIDENCE_KEPT) };
}

function hold(state: Quarantine, reason: QuarantineReason, context: QuarantineContext): QuarantineChange {
  if (state.kind === 'held') {
    return { state, effects: [] };
  }
  const again = state.kind === 'released';
  const incident = again ? state.incident : { id: context.freshIncident, issue: null };
  const holds = again ? state.holds + 1 : 1;
  const { version, failures, last } = state;
  const note: IssueNote = {
    kind: again ? 'quarantined_again' : 'quarantined',
    at: context.now,
    agent: context.agent,
    reason,
    evidence: failures,
    configHash: context.configHash,
    previous: last,
  };
  const key = `hold-${holds}`;
  const issue = again
    ? [
        onIssue('reopen_issue', { incident: incident.id, key: `${key}-reopen`, note }, context),
        onIssue('comment', { incident: incident.id, key, note }, context),
      ]
    : [onIssue('open_issue', { incident: incident.id, key, note }, context)];
  return {
    state: { version, kind: 'held', failures, last, incident, reason, since: context.now, holds },
    effects: [{ kind: 'fact', fact: { kind: 'quarantine.opened', reason: describeQuarantine(reason) } }, ...issue],
  };
}

function release(state: Quarantine, by: string, context: QuarantineContext): QuarantineChange {
  if (state.kind !== 'held') {
    return { state, effects: [] };
  }
  const { version, last, incident, holds } = state;
  return {
    state: { version, kind: 'released', failures: [], last, incident, holds },
    effects: [
      { kind: 'fact', fact: { kind: 'quarantine.released', reason: `released by ${by}` } },
      onIssue(
        'comment',
        { incident: incident.id, key: `release-${holds}`, note: { kind: 'released', at: context.now, by } },
        context,
      ),
    ],
  };
}

function succeed(state: Quarantine, run: RunId, context: QuarantineContext): QuarantineChange {
  if (state.kind !== 'released') {
    // While it is held, a run that began before succeeded: no more failures in a row, but it is for a person to release.
    return { state: { ...state, failures: [] }, effects: [] };
  }
  const note: IssueNote = { kind: 'agent_succeeded', run, agent: context.agent };
  return {
    state: { version: 1, kind: 'free', failures: [], last: state.incident },
    effects: [onIssue('close_issue', { incident: state.incident.id, key: 'close', note }, context)],
  };
}

/** Closing the issue releases nothing: that is said once per hold, and the issue stays closed until the next one. */
function answerClosing(state: Quarantine, incident: string, context: QuarantineContext): QuarantineChange {
  if (state.kind !== 'held' || state.incident.id !== incident || state.closingTold === true) {
    return { state, effects: [] };
  }
  const note: IssueNote = { kind: 'closed_by_person', at: context.now };
  return {
    state: { ...state, closingTold: true },
    effects: [onIssue('comment', { incident, key: `closed-${state.holds}`, note }, context)],
  };
}

function linkIssue(state: Quarantine, incident: string, issue: IssueLink): Quarantine {
  if (state.kind !== 'free' && state.incident.id === incident) {
    return { ...state, incident: { id: incident, issue } };
  }
  return state.last?.id === incident ? { ...state, last: { id: incident, issue } } : state;
}

function onIssue(
  kind: IssueEffect['kind'],
  rest: Pick<IssueEffect, 'incident' | 'key' | 'note'>,
  context: QuarantineContext,
): IssueEffect {
  return issueEffect(kind, { fingerprint: quarantineFingerprint(context.agent), ...rest });
}
