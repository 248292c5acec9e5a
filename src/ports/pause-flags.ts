// The pause flags as files: looked at for every decision, written and removed without ever treading on a person's.

import type { FlagStat } from '../core/pause/flag.ts';

/** A flag to be written. */
export interface FlagDraft {
  /** A project's id, or FACTORY_FLAG. */
  readonly name: string;
  readonly text: string;
  /** Ours: the incident named in `text`, and the epoch ms that becomes its mtime. Null: a person asked for it. */
  readonly own: { readonly incident: string; readonly stampAt: number } | null;
}

/** What came of it. `existed`: an earlier try of ours had got that far; `foreign`: somebody's flag was there and stays. */
export type FlagTouch =
  | { readonly kind: 'written'; readonly path: string; readonly mtimeNs: string; readonly existed: boolean }
  | { readonly kind: 'foreign'; readonly path: string; readonly mtimeNs: string };

/** Which file a removal is meant for: any, or only the one with this mtime and (unless null) this incident. */
export type FlagToRemove = 'any' | { readonly mtimeNs: string; readonly incident: string | null };

/** What lies in pause_dir. */
export type FlagListing =
  | { readonly kind: 'read'; readonly names: readonly string[] }
  | { readonly kind: 'unknown'; readonly message: string };

/** One pause_dir. */
export interface PauseFlags {
  readonly dir: string;
  /** Absolute path of the flag called `name`. */
  path(name: string): string;
  /** Makes pause_dir with its parents; there already is done. Throws OperationalError `flag.dir`. */
  prepare(): void;
  /** Looks now, caches nothing, never throws; synchronous, so that nothing can happen between look and decision. */
  stat(name: string): FlagStat;
  /** Every name in pause_dir, in no order; never throws. */
  names(): FlagListing;
  /** Creates the flag with its parent folders, durably, and never replaces one. Rejects with OperationalError `flag.write`. */
  touchPauseFlag(draft: FlagDraft): Promise<FlagTouch>;
  /** Removes the flag if it is still the one meant, durably. Rejects with OperationalError `flag.remove`. */
  removePauseFlag(name: string, meant: FlagToRemove): Promise<'removed' | 'absent' | 'not_ours'>;
  /** Calls `wake` soon after something in pause_dir changed, at times also for nothing, and where nobody tells never. */
  watch(wake: () => void): FlagNotifier;
}

/** What wakes for changes in pause_dir until it is stopped. */
export interface FlagNotifier {
  /** Goes on with a folder that was made anew, or could not be followed; cheap, for each look. */
  follow(): void;
  stop(): void;
}
