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
// An agent without a pre-check, or without a workspace of its own, passes over those two. From every live state `restore` leads
// back to waiting, as if the run had not been admitted: what was claimed never became a process, or its step was lost.

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

/** What moves a run from one state to the next. `restore`: it is put back, to be asked about again. */
export type RunEvent = 'admit' | 'precheck' | 'prepare' | 'launch' | 'started' | 'stop' | 'retry' | 'restore' | 'end';

const BACK = { restore: 'waiting', end: 'ended' } as const;

const NEXT: Readonly<Record<RunState, Partial<Record<RunEvent, RunState>>>> = {
  waiting: { admit: 'claimed', end: 'ended' },
  claimed: { ...BACK, precheck: 'prechecking', prepare: 'preparing', launch: 'starting' },
  prechecking: { ...BACK, prepare: 'preparing', launch: 'starting', stop: 'stopping' },
  preparing: { ...BACK, launch: 'starting', stop: 'stopping' },
  starting: { ...BACK, started: 'running', stop: 'stopping', retry: 'waiting' },
  running: { ...BACK, stop: 'stopping', retry: 'waiting' },
  // Somebody may wish its end before its start is told.
  stopping: { ...BACK, started: 'stopping', stop: 'stopping', retry: 'waiting' },
  ended: {},
};

/** The state after `event`, or null where the event has no meaning in `state`. */
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
