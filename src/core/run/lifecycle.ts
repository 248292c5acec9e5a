// Where a run is. How it ended is outcome.ts; never one enum for both.
//
//       defer ↺                  retry: the next attempt, after its backoff, through admission again
//    ┌───────────┐◄────────────────────────────────────────────────────────────────────┬─────────────────────┐
//    │  waiting  │ admit          pre-check      workspace    launch         started         stop            │
// ──►│           ├──────► claimed ──► prechecking ──► preparing ──► starting ──────► running ────────────► stopping
//    └─────┬─────┘           │             │             │            │                │                     │
//          ▼                 ▼             ▼             ▼            ▼                ▼                     ▼
//        ended ◄─────────────────────────────────────────────────────────────────────────────────────────────┘
//
// An agent without a pre-check, or without a workspace of its own, passes over those two.

/** Where a run is now. */
export type RunState =
  | 'waiting'
  | 'claimed'
  | 'prechecking'
  | 'preparing'
  | 'starting'
  | 'running'
  | 'stopping'
  | 'ended';

/** What moves a run from one state to the next. `restore`: recovery puts a claim back that never became a start. */
export type RunEvent = 'admit' | 'precheck' | 'prepare' | 'launch' | 'started' | 'stop' | 'retry' | 'restore' | 'end';

const NEXT: Readonly<Record<RunState, Partial<Record<RunEvent, RunState>>>> = {
  waiting: { admit: 'claimed', end: 'ended' },
  claimed: { precheck: 'prechecking', prepare: 'preparing', launch: 'starting', restore: 'waiting', end: 'ended' },
  prechecking: { prepare: 'preparing', launch: 'starting', restore: 'waiting', end: 'ended', stop: 'stopping' },
  preparing: { launch: 'starting', restore: 'waiting', end: 'ended', stop: 'stopping' },
  starting: { started: 'running', stop: 'stopping', retry: 'waiting', end: 'ended' },
  running: { stop: 'stopping', retry: 'waiting', end: 'ended' },
  stopping: { started: 'stopping', stop: 'stopping', retry: 'waiting', end: 'ended' },
  ended: {},
};

/** The state after `event`, or null where the event has no meaning in `state` (a late or doubled message). */
export function advance(state: RunState, event: RunEvent): RunState | null {
  return NEXT[state][event] ?? null;
}

/** States in which a run holds its slot, memory promise and agent. */
export const LIVE_STATES: readonly RunState[] = [
  'claimed',
  'prechecking',
  'preparing',
  'starting',
  'running',
  'stopping',
];

/** Whether a run that waits has begun before: it was put back for another attempt, and nobody else may take its place. */
export function isBetweenAttempts(run: { readonly state: RunState; readonly attempts: number }): boolean {
  return run.state === 'waiting' && run.attempts > 0;
}
