// A file of no content that is given up when the disk is full, so that the ledger can still record how things end.

import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, statfsSync, writeSync } from 'node:fs';

/** Room for the ends and reactions of some thousand runs. */
const BALLAST_BYTES = 8 * 1024 * 1024;
/** It is made only where this many times its size is free: it must not be what fills the disk. */
const FREE_TIMES = 4;
const BLOCK_BYTES = 64 * 1024;

/** The ballast beside the ledger at `path`. */
export class Ballast {
  readonly #path: string;

  constructor(path: string) {
    this.#path = `${path}.ballast`;
  }

  /** Makes it, where it is missing and the disk has room. */
  ensure(): void {
    if (statSync(this.#path, { throwIfNoEntry: false })?.size === BALLAST_BYTES || !this.#hasRoom()) {
      return;
    }
    const fresh = `${this.#path}.new`;
    const file = openSync(fresh, 'w', 0o600);
    try {
      // Noise, because zeros may be stored as nothing.
      const block = randomFillSync(Buffer.allocUnsafe(BLOCK_BYTES));
      for (let written = 0; written < BALLAST_BYTES; written += BLOCK_BYTES) {
        writeSync(file, block);
      }
      fsyncSync(file);
    } catch (error) {
      rmSync(fresh, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    renameSync(fresh, this.#path);
  }

  /** Gives its room to whoever writes next. */
  release(): void {
    rmSync(this.#path, { force: true });
  }

  #hasRoom(): boolean {
    const { bavail, bsize } = statfsSync(this.#path.slice(0, this.#path.lastIndexOf('/') + 1));
    return bavail * bsize >= FREE_TIMES * BALLAST_BYTES;
  }
}
