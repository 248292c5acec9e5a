// What a project's breaker remembers: plain JSON, kept in the ledger in the transaction of whatever changed it.

import { OperationalError } from '../../lib/operational-error.ts';
import type { AgentKey } from '../ids.ts';
import type { FlagSignature } from '../pause/flag.ts';
import { NO_FAILURES } from './failure-count.ts';
import type { FailedRun, ProjectFailureCounter } from './failure-count.ts';
import type { TripCause } from './trip-cause.ts';

//                      failures enough, or tripped by hand: one incident, one flag, one issue
//          ┌──────────────────────────────────────────────────────────────┐
//          │                                                              ▼
//     ┌────┴────┐   counted success,    ┌───────────┐   flag removed   ┌──────┐
//  ●─►│ closed  │◄──────────────────────┤ half_open │◄─────────────────┤ open │
//     └─────────┘   nothing counts      └───────────┘  or taken over,  └──────┘
//          ▲                              │             auto resume       ▲
//          │                              └───────────────────────────────┘
//          │ reset by hand                counted failure: same incident, same issue
//     ┌────┴─────┐
//     │ isolated │◄── by hand, from everywhere; only a reset ends it
//     └──────────┘

/** The breaker of one project. Instants are epoch ms; `since` and `dueAt` are moved with a step of the clock. */
export type BreakerState = Closed | Open | HalfOpen | Isolated;

/** What every state carries. */
export interface BreakerMemory {
  readonly version: 1;
  readonly counter: ProjectFailureCounter;
  /** Endings that do not count, in a row, by agent. */
  readonly streaks: Readonly<Record<string, Streak>>;
  /** The newest incident that is over, so that the next issue can link its issue. */
  readonly last: PastIncident | null;
}

/** Dispatch goes on. */
export interface Closed extends BreakerMemory {
  readonly kind: 'closed';
  readonly mark: FlagMark;
}

/** Nothing of the project is dispatched. */
export interface Open extends BreakerMemory {
  readonly kind: 'open';
  readonly incident: BreakerIncident;
  readonly since: number;
  readonly flag: OwnFlag;
}

/** The flag is no longer ours to hold: the next counted ending decides. */
export interface HalfOpen extends BreakerMemory {
  readonly kind: 'half_open';
  readonly incident: BreakerIncident;
  readonly since: number;
  readonly mark: FlagMark;
  /** The flag was removed. False while a person who took it over keeps the project paused: then a failure trips nothing. */
  readonly lifted: boolean;
  /** Only the probe is admitted. */
  readonly gated: boolean;
  readonly probe: Probe;
}

/** Held by hand. */
export interface Isolated extends BreakerMemory {
  readonly kind: 'isolated';
  readonly reason: string;
  readonly by: string;
  readonly since: number;
  /** What was not over when a person stepped in. */
  readonly incident: BreakerIncident | null;
  readonly mark: FlagMark | RecordedFlag;
}

/** From a trip to the success that ends it; trips again in between belong to it. */
export interface BreakerIncident {
  readonly id: string;
  readonly trippedAt: number;
  /** Trips so far. */
  readonly trips: number;
  readonly cause: TripCause;
  readonly evidence: readonly FailedRun[];
  readonly configHash: string;
  readonly issue: IssueLink | null;
  /** Probes asked for so far. */
  readonly probes: number;
  /** How often it was lifted. */
  readonly lifts: number;
  /** The trip during which a person closed the issue and was told what still holds; 0: none. */
  readonly closedDuringTrip: number;
  /** How often its flag could not be written for a while. */
  readonly flagTroubles: number;
  /** How often its flag was to be written: at each trip, and anew when pause_dir moved. */
  readonly writes: number;
}

/** An issue as the tracker numbered it. */
export interface IssueLink {
  readonly number: number;
  readonly url: string | null;
}

/** An incident that is over. */
export interface PastIncident {
  readonly id: string;
  readonly issue: IssueLink | null;
}

/** A flag that the outbox has recorded: this path, with this incident in its text and this mtime, is ours. */
export interface RecordedFlag extends FlagSignature {
  readonly kind: 'written';
  /** Which write of its incident it is. */
  readonly writes: number;
}

/** The flag of an open breaker: on its way, refused by the disk, or there. */
export type OwnFlag =
  | { readonly kind: 'pending' }
  | { readonly kind: 'failing'; readonly error: string; readonly since: number }
  | RecordedFlag;

/** What is known of the flag while we hold none: nothing there, a person's, or ours on its way out. */
export type FlagMark =
  | { readonly kind: 'none' }
  | { readonly kind: 'person' }
  | (Omit<RecordedFlag, 'kind'> & { readonly kind: 'leaving' });

/** The run that is to show whether the project is well again. */
export type Probe =
  /** `deferred`: a counted run was due soon and got its chance first. */
  | { readonly kind: 'wanted'; readonly dueAt: number; readonly waitMs: number; readonly deferred: boolean }
  | { readonly kind: 'out'; readonly number: number; readonly agent: AgentKey; readonly waitMs: number };

/** Attempts in a row of one counted agent that neither succeeded nor counted. */
export interface Streak {
  readonly attempts: number;
  /** The newest of them, oldest first, at most EVIDENCE_KEPT. */
  readonly latest: readonly FailedRun[];
  /** The incident of the escalation that they opened. */
  readonly escalation: string | null;
}

/** A breaker that has seen nothing. */
export const NEW_BREAKER: Closed = {
  version: 1,
  kind: 'closed',
  counter: NO_FAILURES,
  streaks: {},
  mark: { kind: 'none' },
  last: null,
};

/** The part that outlives a change of state. */
export function memoryOf(state: BreakerState): BreakerMemory {
  return { version: state.version, counter: state.counter, streaks: state.streaks, last: state.last };
}

/**
 * The state in `stored` (JSON text or its value; null: none yet). Throws OperationalError `breaker.unreadable` for what a
 * newer version wrote: guessing would forgive an open breaker.
 */
export function readBreaker(stored: unknown): BreakerState {
  if (stored === null || stored === undefined) {
    return NEW_BREAKER;
  }
  const value: unknown = typeof stored === 'string' ? JSON.parse(stored) : stored;
  if (isBreaker(value)) {
    return value;
  }
  throw new OperationalError(
    'breaker.unreadable',
    'the ledger holds a breaker state that this version cannot read: start the version that wrote it',
  );
}

function isBreaker(value: unknown): value is BreakerState {
  const kinds: readonly unknown[] = ['closed', 'open', 'half_open', 'isolated'];
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    value.version === 1 &&
    'kind' in value &&
    kinds.includes(value.kind)
  );
}
