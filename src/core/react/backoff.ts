// How long a reaction waits before it is tried again.

/** First wait, and the longest. */
const FIRST_MS = 1000;
const LONGEST_MS = 300_000;

/** Wait before try `attempts + 1`: doubling from 1 s to 5 min, ±25 % by `chance` in [0, 1). Example: attempts 3, chance 0.5: 8 s. */
export function backoffMs(attempts: number, chance: number): number {
  const base = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts, 20));
  return Math.round(base * (0.75 + chance * 0.5));
}
