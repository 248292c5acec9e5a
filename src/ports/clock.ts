// What the house needs of time: two clocks and timers, so that tests can move them.

/** A pending timer; cancelling twice is harmless. */
export interface Timer {
  cancel(): void;
}

/** Wall clock for people and slots, monotonic clock for lengths. */
export interface Clock {
  /** Epoch milliseconds, as the machine's wall clock says; it may jump. */
  now(): number;
  /** Milliseconds that never go back within one boot; comparable across processes of one boot. */
  monotonic(): number;
  /** Runs `act` once after `delayMs` of monotonic time; delays above 24 h are cut to 24 h. */
  after(delayMs: number, act: () => void): Timer;
}
