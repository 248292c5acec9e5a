// Notices pause flags that came or went between decisions, so that a removal is seen within a second.

import { sortFlagNames } from '../core/pause/flag.ts';
import type { Timer } from '../ports/clock.ts';
import { followClock } from './breaker-upkeep.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import { endTimedPauses, observeFactoryFlag } from './person-flags.ts';
import type { Recorder } from './recorder.ts';
import type { Stops } from './stops.ts';

/** One look a second, with or without file watching. */
const LOOK_MS = 1000;

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
  private readonly house: Pick<House, 'boot' | 'clock' | 'fleet' | 'ledger' | 'pauseFlags'>;
  private readonly parts: FlagWatchParts;
  private timer: Timer | null = null;
  private unwatch: (() => void) | null = null;
  private watched: string | null = null;
  private followingUp: Promise<void> | null = null;
  private last = '';
  private readonly warned = new Set<string>();

  constructor(house: FlagWatch['house'], parts: FlagWatchParts) {
    this.house = house;
    this.parts = parts;
  }

  start(): void {
    this.look();
  }

  /** Resolves when nothing that followed from a look is under way any more. */
  async stop(): Promise<void> {
    this.timer?.cancel();
    this.unwatch?.();
    this.timer = null;
    this.unwatch = null;
    await this.followingUp;
  }

  private look(): void {
    const flags = this.house.pauseFlags.now;
    if (this.watched !== flags.dir) {
      this.unwatch?.();
      this.watched = flags.dir;
      this.unwatch = flags.watch(() => {
        this.lookNow();
      });
    }
    this.lookNow();
    this.followUp();
    this.timer = this.house.clock.after(LOOK_MS, () => {
      this.look();
    });
  }

  private followUp(): void {
    if (this.followingUp !== null) {
      return;
    }
    this.followingUp = endTimedPauses(this.house, this.parts)
      .then(async (ended) => {
        if (ended) {
          this.parts.wake();
        }
        await this.parts.stops.stopPaused(this.parts.breakers);
      })
      .catch((error: unknown) => {
        this.parts.fail(error);
      })
      .finally(() => {
        this.followingUp = null;
      });
  }

  private lookNow(): void {
    try {
      this.compare();
    } catch (error) {
      this.parts.fail(error);
    }
  }

  private compare(): void {
    const { pauseFlags, fleet } = this.house;
    const listing = pauseFlags.now.names();
    const names = listing.kind === 'read' ? [...listing.names].sort() : ['?', listing.message];
    const seen = names.join('\n');
    const projects = fleet.now.projects.map((project) => project.id);
    this.parts.recorder.commit('daemon', (note) => {
      followClock(this.house, this.parts.breakers, note);
      this.parts.breakers.observe(projects, note);
      this.parts.breakers.tick(note);
      observeFactoryFlag(this.house, note);
      for (const flag of sortFlagNames(listing.kind === 'read' ? listing.names : [], projects).unknown) {
        if (!this.warned.has(flag.name)) {
          this.warned.add(flag.name);
          note({ kind: 'flag.unknown', flag: flag.name, nearest: flag.nearest });
        }
      }
    });
    if (seen !== this.last) {
      this.last = seen;
      this.parts.wake();
    }
  }
}
