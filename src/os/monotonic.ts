// Reads the clock that all processes of one boot share, so that a stop plan begun by a dead process goes on at its step.

/** Milliseconds of CLOCK_MONOTONIC: comparable between processes until the next boot, never going back. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
