// Notices pause flags that came or went between decisions, so that a removal is seen within a second.

import { nearestFlag, sortFlagNames } from '../core/pause/flag.ts';
import type { Timer } from '../ports/clock.ts';
import type { FlagListing, FlagNotifier } from '../ports/pause-flags.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import { endTimedPauses, hasFactoryFlagMoved, observeFactoryFlag } from './person-flags.ts';
import type { Note, Recorder } from './recorder.ts';
import type { Stops } from './stops.ts';

/** With or without file watching, what came or went is seen, decided and told within a second. */
const LOOK_MS = 500;
/** Files that pause nothing of which is warned at most; a folder full of them is some other folder. */
const MOST_WARNINGS = 20;

/** What the watch needs beside the house. */
export interface FlagWatchParts {
  readonly recorder: Recorder;
  readonly breakers: Breakers;
  readonly stops: Stops;
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

/** Looks at pause_dir; it only wakes, the gate itself looks again. */
export class FlagWatch {
  readonly #house: Pick<House, 'clock' | 'fleet' | 'ledger' | 'pauseFlags'>;
  readonly #parts: FlagWatchParts;
  #timer: Timer | null = null;
  #notifier: FlagNotifier | null = null;
  #watched: string | null = null;
  #followingUp: Promise<void> | null = null;
  #last = '';
  #warned: ReadonlySet<string> = new Set();

  constructor(house: Pick<House, 'clock' | 'fleet' | 'ledger' | 'pauseFlags'>, parts: FlagWatchParts) {
    this.#house = house;
    this.#parts = parts;
  }

  start(): void {
    this.#look();
  }

  /** Resolves when nothing that followed from a look is under way any more. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#notifier?.stop();
    this.#timer = null;
    this.#notifier = null;
    await this.#followingUp;
  }

  #look(): void {
    const flags = this.#house.pauseFlags.now;
    if (this.#watched !== flags.dir) {
      this.#notifier?.stop();
      this.#watched = flags.dir;
      this.#notifier = flags.watch(() => {
        this.#lookNow();
      });
    }
    this.#notifier?.follow();
    this.#followUp(this.#lookNow());
    this.#timer = this.#house.clock.after(LOOK_MS, () => {
      this.#look();
    });
  }

  #followUp(listing: FlagListing): void {
    if (this.#followingUp !== null) {
      return;
    }
    this.#followingUp = endTimedPauses(this.#house, this.#parts, listing)
      .then(async (ended) => {
        if (ended) {
          this.#parts.wake();
        }
        await this.#parts.stops.stopPaused(this.#parts.breakers);
      })
      .catch((error: unknown) => {
        this.#parts.fail(error);
      })
      .finally(() => {
        this.#followingUp = null;
      });
  }

  #lookNow(): FlagListing {
    const listing = this.#house.pauseFlags.now.names();
    try {
      this.#compare(listing);
    } catch (error) {
      this.#parts.fail(error);
    }
    return listing;
  }

  #compare(listing: FlagListing): void {
    if (this.#isNews(listing)) {
      this.#parts.recorder.commit('daemon', (note) => {
        this.#parts.breakers.look(listing, note);
        observeFactoryFlag(this.#house, note);
        this.#warnOfUnknown(listing, note);
      });
    }
    const seen = listing.kind === 'read' ? listing.names.toSorted().join('\n') : `? ${listing.message}`;
    if (seen !== this.#last) {
      this.#last = seen;
      this.#parts.wake();
    }
  }

  /** Twice a second for months: a transaction is opened only where there is something to write, or a disk to try again. */
  #isNews(listing: FlagListing): boolean {
    const { breakers, recorder } = this.#parts;
    const unknown = this.#unknownIn(listing);
    return (
      recorder.storageFailure !== null ||
      breakers.hasNews(listing) ||
      hasFactoryFlagMoved(this.#house) ||
      unknown.length !== this.#warned.size ||
      unknown.some((name) => !this.#warned.has(name))
    );
  }

  #unknownIn(listing: FlagListing): readonly string[] {
    const projects = this.#house.fleet.now.projects.map((project) => project.id);
    return sortFlagNames(listing.kind === 'read' ? listing.names : [], projects).unknown.slice(0, MOST_WARNINGS);
  }

  /** A file that pauses nothing is probably a name mistyped: said once, and again when it comes back. */
  #warnOfUnknown(listing: FlagListing, note: Note): void {
    const projects = this.#house.fleet.now.projects.map((project) => project.id);
    const told = this.#unknownIn(listing);
    for (const flag of told.filter((name) => !this.#warned.has(name))) {
      note({ kind: 'flag.unknown', flag, nearest: nearestFlag(flag, projects) });
    }
    this.#warned = new Set(told);
  }
}
