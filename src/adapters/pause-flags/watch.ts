// Wakes whoever decides as soon as pause_dir changes, where inotify works; whoever needs to be certain looks by itself.

import { statSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import type { FlagNotifier } from '../../ports/pause-flags.ts';

/** Wakes for changes in `dir`. A watcher that fails is made again by the next `follow`. */
export class FolderNotifier implements FlagNotifier {
  readonly #dir: string;
  readonly #wake: () => void;
  #watcher: FSWatcher | null = null;
  /** The folder that is watched: one made anew under the same name is another one. */
  #inode: bigint | null = null;

  constructor(dir: string, wake: () => void) {
    this.#dir = dir;
    this.#wake = wake;
    this.follow();
  }

  follow(): void {
    const inode = inodeOf(this.#dir);
    if (inode === this.#inode && (this.#watcher !== null || inode === null)) {
      return;
    }
    this.stop();
    this.#inode = inode;
    if (inode === null) {
      return;
    }
    try {
      this.#watcher = watch(this.#dir, { persistent: false }, this.#wake);
      this.#watcher.on('error', () => this.stop());
    } catch {
      this.#watcher = null; // No inotify handles left: the next look tries again.
    }
  }

  stop(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }
}

function inodeOf(dir: string): bigint | null {
  try {
    return statSync(dir, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
  } catch {
    return null;
  }
}
