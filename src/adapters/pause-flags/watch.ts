// Wakes whoever decides when pause_dir changes: by inotify where it works, and by one listing a second everywhere.

import { statSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { FlagListing } from '../../ports/pause-flags.ts';

/** Time between two listings. */
export const LISTING_EVERY_MS = 1000;

/** What is watched, and whom to wake. */
export interface FolderWatch {
  readonly dir: string;
  readonly clock: Clock;
  readonly fileWatching: boolean;
  readonly names: () => FlagListing;
  readonly wake: () => void;
}

/** Watches until the answer is called. A watcher that fails is only slower: the listing goes on. */
export function watchFolder(input: FolderWatch): () => void {
  const watcher = new FolderWatcher(input);
  watcher.listAgain();
  return () => watcher.stop();
}

class FolderWatcher {
  private readonly input: FolderWatch;
  private timer: Timer | null = null;
  private notifier: FSWatcher | null = null;
  /** The folder that `notifier` watches: a folder made anew under the same name is another one. */
  private inode: bigint | null = null;
  private listed: string;
  private stopped = false;

  constructor(input: FolderWatch) {
    this.input = input;
    this.listed = fingerprint(input.names());
  }

  listAgain(): void {
    if (this.stopped) {
      return;
    }
    this.timer = this.input.clock.after(LISTING_EVERY_MS, () => this.listAgain());
    this.followFolder();
    const listed = fingerprint(this.input.names());
    if (listed !== this.listed) {
      this.listed = listed;
      this.input.wake();
    }
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
    this.notifier?.close();
  }

  private followFolder(): void {
    if (!this.input.fileWatching) {
      return;
    }
    const inode = inodeOf(this.input.dir);
    if (inode === this.inode && (this.notifier !== null || inode === null)) {
      return;
    }
    this.forgetNotifier();
    this.inode = inode;
    if (inode === null) {
      return;
    }
    try {
      this.notifier = watch(this.input.dir, { persistent: false }, () => this.input.wake());
      this.notifier.on('error', () => this.forgetNotifier());
    } catch {
      this.notifier = null; // No inotify handles left: the listing goes on, and the next one tries again.
    }
  }

  private forgetNotifier(): void {
    this.notifier?.close();
    this.notifier = null;
  }
}

function inodeOf(dir: string): bigint | null {
  try {
    return statSync(dir, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
  } catch {
    return null;
  }
}

function fingerprint(listing: FlagListing): string {
  return listing.kind === 'unknown' ? listing.message : JSON.stringify([...listing.names].sort());
}
