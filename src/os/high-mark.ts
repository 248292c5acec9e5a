// Tells of an attempt that the kernel slows down at its high mark: without swap it may stay there for ever, neither dead nor at work.

import { join } from 'node:path';
import { readSmall } from './read-small.ts';

/** So long an attempt may stand at its mark: a peak passes, a leak does not. */
const STUCK_MS = 60_000;
/** The kernel holds an attempt about there, not exactly. */
const NEAR = 0.95;

/** Why an attempt that stood at its mark for too long is stopped. */
export type Stuck = {
  readonly kind: 'memory';
  readonly limitBytes: number;
  readonly usedBytes: number;
  readonly throttled: true;
};

/** Follows one attempt from look to look. */
export class HighMark {
  readonly #leaf: string | null;
  readonly #bytes: number | null;
  #since: number | null = null;

  /** `bytes` null: it has none. */
  constructor(leaf: string | null, bytes: number | null) {
    this.#leaf = leaf;
    this.#bytes = bytes;
  }

  /** Why to stop the attempt, to which `chargedBytes` are charged at `now` (ms); null: it goes on. */
  stuck(now: number, chargedBytes: number): Stuck | null {
    if (this.#bytes === null || this.#leaf === null || chargedBytes < this.#bytes * NEAR) {
      this.#since = null;
      return null;
    }
    // What it read from files goes at once when the kernel wants it: a build that reads much is not stuck.
    const cached = counted(this.#leaf, 'inactive_file');
    if (cached === null || chargedBytes - cached < this.#bytes * NEAR) {
      this.#since = null;
      return null;
    }
    this.#since ??= now;
    return now - this.#since < STUCK_MS
      ? null
      : { kind: 'memory', limitBytes: this.#bytes, usedBytes: chargedBytes - cached, throttled: true };
  }
}

/** A figure of what is charged to `leaf`; null: it has no memory controller. */
function counted(leaf: string, name: string): number | null {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(readSmall(join(leaf, 'memory.stat')) ?? '')?.[1];
  return found === undefined ? null : Number(found);
}
