// The machine's clocks and timers.

import type { Clock } from '../../ports/clock.ts';

/** Longest single timer; longer waits are cut, and whoever waits looks again (Node's timers overflow at 2^31 ms). */
const LONGEST_TIMER_MS = 86_400_000;

/** The clock of this process; `monotonic` is comparable across processes of one boot (CLOCK_MONOTONIC). */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  after: (delayMs, act) => {
    const timer = setTimeout(act, Math.min(LONGEST_TIMER_MS, Math.max(0, delayMs)));
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
};
