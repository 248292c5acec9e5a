// Decides how soon a live attempt is looked at again: the nearer it may be to a limit, the sooner.

import { availableParallelism } from 'node:os';

/** Far from every limit. */
export const LOOK_MS = 1000;
/** Near one, and in the first moments: a fast allocator fills a gigabyte in a second. */
export const CLOSE_LOOK_MS = 100;
/** While output comes fast. */
export const OUTPUT_LOOK_MS = 250;

const PROCESSORS = availableParallelism();

/** What the last look saw. */
export interface Nearness {
  readonly ageMs: number;
  /** Over half of the memory that it may have. */
  readonly isNearMemory: boolean;
  /** Processor time that it may still use; null: not limited. */
  readonly cpuLeftMs: number | null;
  readonly isFlooding: boolean;
}

/**
 * Milliseconds until the next look. Processor time cannot run out before every processor has worked for its share of what is
 * left: 8 s left on 2 processors are looked at after 1 s, 1 s left after 500 ms, 100 ms left after 100 ms.
 */
export function lookPauseMs({ ageMs, isNearMemory, cpuLeftMs, isFlooding }: Nearness, processors = PROCESSORS): number {
  return Math.min(
    LOOK_MS,
    isNearMemory ? CLOSE_LOOK_MS : Math.max(CLOSE_LOOK_MS, ageMs),
    cpuLeftMs === null ? LOOK_MS : Math.max(CLOSE_LOOK_MS, cpuLeftMs / processors),
    isFlooding ? OUTPUT_LOOK_MS : LOOK_MS,
  );
}
