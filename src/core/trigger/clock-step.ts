// Decides whether the wall clock was set, by comparing how far both clocks went since the last pass.

/** Both clocks and the boot, read together. `monotonicMs` counts from the boot of the machine (with fractions) and is not moved by setting the clock. */
export interface ClockReading {
  readonly wallMs: number;
  readonly monotonicMs: number;
  readonly bootId: string;
}

/** What is stored between passes, in the transaction that stores a pass's slots. */
export interface SchedulerState {
  /** Every slot due at or before this instant of this epoch is covered. */
  readonly watermarkMs: number;
  /** Raised by each backward step, so that wall times that come again are slots of their own. */
  readonly epoch: number;
  readonly reading: ClockReading;
}

/** A wall clock that went this much other than the monotonic one was set; less is slewing and rounding. */
export const STEP_MS = 5_000;

/** `byMs` is negative for a clock set back. `isRewound`: the epoch rises and the watermark becomes now. */
export type ClockStep =
  | { readonly kind: 'none' }
  | { readonly kind: 'step'; readonly byMs: number; readonly isRewound: boolean };

/**
 * The step between the stored state and `now`.
 *
 * Within one boot the clocks are compared: wall +72 h 15 s while monotonic went 15 s is a step of +72 h. A blocked loop
 * moves both and is none. After a reboot nothing can be compared: only a watermark in the future proves a step. That
 * watermark counts within a boot as well, else many small steps back would add up to silence.
 */
export function clockStep(state: SchedulerState, now: ClockReading): ClockStep {
  const drift = driftMs(state.reading, now);
  const aheadMs = state.watermarkMs - now.wallMs;
  if (aheadMs > STEP_MS) {
    return { kind: 'step', byMs: drift < -STEP_MS ? drift : -aheadMs, isRewound: true };
  }
  return Math.abs(drift) > STEP_MS ? { kind: 'step', byMs: drift, isRewound: drift < 0 } : { kind: 'none' };
}

/** How much further the wall clock went than the monotonic one, in whole ms; 0 across boots, where nobody knows. */
function driftMs(before: ClockReading, now: ClockReading): number {
  const elapsedMs = Math.round(now.monotonicMs - before.monotonicMs);
  return isSameBoot(before, now) ? now.wallMs - before.wallMs - elapsedMs : 0;
}

/** Whether both readings are of one boot: then their monotonic clocks can be compared. */
export function isSameBoot(before: ClockReading, now: ClockReading): boolean {
  return before.bootId === now.bootId && now.monotonicMs >= before.monotonicMs;
}
