// Puts another fleet into force: all of it in one transaction with the intent that it serves, or nothing of it.

import type { Fleet } from '../core/fleet.ts';
import type { AgentKey } from '../core/ids.ts';
import { resourceName } from '../core/reconcile/desired.ts';
import type { Difference, DifferenceKind } from '../core/reconcile/diff.ts';
import { adoptConfiguration, preparePauseDir } from './breaker-upkeep.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import type { Quarantines } from './quarantines.ts';
import type { Note, Recorder } from './recorder.ts';
import type { Scheduler } from './scheduler.ts';
import type { StandingWishes } from './standing-wishes.ts';

/** What the switch needs beside the house. */
export interface FleetSwitchParts {
  readonly recorder: Recorder;
  readonly breakers: Breakers;
  readonly quarantines: Quarantines;
  readonly wishes: StandingWishes;
  readonly scheduler: Scheduler;
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

/** Changes what is in force. */
export class FleetSwitch {
  /** Epoch ms. */
  loadedAt: number;
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet' | 'pauseFlags'>;
  readonly #parts: FleetSwitchParts;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet' | 'pauseFlags'>, parts: FleetSwitchParts) {
    this.#house = house;
    this.#parts = parts;
    this.loadedAt = house.clock.now();
  }

  /** The same content under another hash, as when tables changed places: nobody has to know. */
  rename(next: Fleet): void {
    this.#house.fleet.replace(next);
    this.loadedAt = this.#house.clock.now();
  }

  /** Carries out what `changes` mean for later decisions; `begin` writes down what is intended, in the same transaction. */
  put(next: Fleet, changes: readonly Difference[], begin: (note: Note) => void): void {
    const { fleet, clock } = this.#house;
    const before = fleet.now;
    fleet.replace(next);
    try {
      this.#makePauseDir();
      this.#parts.recorder.commit('operator', (note) => {
        begin(note);
        this.#adopt(changes, note);
      });
    } catch (error) {
      fleet.replace(before);
      throw error;
    }
    this.loadedAt = clock.now();
    this.#parts.scheduler.reload();
    this.#parts.wake();
  }

  #adopt(changes: readonly Difference[], note: Note): void {
    const { breakers, quarantines, wishes } = this.#parts;
    const named = (...kinds: readonly DifferenceKind[]): readonly string[] =>
      changes.filter(({ difference }) => kinds.includes(difference)).map(resourceName);
    const lists = { added: named('create'), changed: named('update'), removed: named('delete') };
    if (changes.some(({ difference }) => difference !== 'drift')) {
      note({ kind: 'config.loaded', hash: this.#house.fleet.now.hash, ...lists });
    }
    adoptConfiguration(this.#house, breakers, note);
    for (const { kind, key } of changes.filter((change) => change.class === 'recreate')) {
      if (kind === 'agent') {
        quarantines.forget(key as AgentKey, note);
      }
    }
    wishes.ensure(note);
  }

  // Not made, it counts as "paused": nothing of the new configuration runs, and status says why.
  #makePauseDir(): void {
    try {
      preparePauseDir(this.#house);
    } catch (error) {
      this.#parts.fail(error);
    }
  }
}
