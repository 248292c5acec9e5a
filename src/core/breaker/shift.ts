// Moves a breaker's waits with a step of the wall clock, so that a jump neither lifts a pause nor delays a probe for days.

import type { BreakerState } from './state.ts';

/** The state as if the clock had always stood `byMs` later. What people read (when it tripped) stays as it was written. */
export function shiftClock(state: BreakerState, byMs: number): BreakerState {
  const marks = state.counter.marks.map((mark) => ({ ...mark, at: mark.at + byMs }));
  const moved: BreakerState = { ...state, counter: { ...state.counter, marks } };
  switch (moved.kind) {
    case 'closed':
    case 'isolated':
      return moved;
    case 'open':
      return { ...moved, since: moved.since + byMs };
    case 'half_open':
      return {
        ...moved,
        since: moved.since + byMs,
        probe: moved.probe.kind === 'wanted' ? { ...moved.probe, dueAt: moved.probe.dueAt + byMs } : moved.probe,
      };
  }
}
