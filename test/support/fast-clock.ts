// A clock that runs many times faster than the machine's, for what takes minutes and cannot be stepped by hand.

import { systemClock } from '../../src/adapters/clock/system-clock.ts';
import type { Clock } from '../../src/ports/clock.ts';

/** The machine's clock from now on, `times` as fast. */
export function fastClock(times: number): Clock {
  const wallMs = systemClock.now();
  const startedMs = systemClock.monotonic();
  const elapsedMs = (): number => (systemClock.monotonic() - startedMs) * times;
  return {
    now: () => Math.round(wallMs + elapsedMs()),
    monotonic: () => startedMs + elapsedMs(),
    after: (delayMs, act) => systemClock.after(delayMs / times, act),
  };
}
