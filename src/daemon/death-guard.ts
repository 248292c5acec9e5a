// Keeps how attempts die that nobody stopped, and holds new starts while too many do.

import type { Outcome } from '../core/run/outcome.ts';
import { afterDeath, deathHold, NO_DEATHS } from '../core/watch/mass-death.ts';
import type { DeathHold, Deaths } from '../core/watch/mass-death.ts';
import type { House } from './house.ts';
import type { Note } from './recorder.ts';

/** Writes in the caller's transaction. */
export class DeathGuard {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet'>;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet'>) {
    this.#house = house;
  }

  /** An attempt ended so. What our own stop, its own limit or a known end of its host explains is no death. */
  ended(outcome: Outcome, note: Note): void {
    const isDeath =
      outcome.kind === 'failed' ? outcome.class === 'killed' : outcome.kind === 'lost' && outcome.cause === 'unknown';
    if (!isDeath) {
      return;
    }
    const before = this.hold();
    const { clock, ledger } = this.#house;
    ledger.states.set('meta', KEY, afterDeath(this.#known(), clock.now()));
    const after = this.hold();
    if (before === null && after !== null) {
      note({ kind: 'starts.held', ...after });
    }
  }

  /** Why nothing is started now; null: it may be. */
  hold(): DeathHold | null {
    const { clock, fleet } = this.#house;
    return deathHold(this.#known(), clock.now(), fleet.now.factory.massDeathHoldMs);
  }

  #known(): Deaths {
    return (this.#house.ledger.states.get('meta', KEY) as Deaths | null) ?? NO_DEATHS;
  }
}

const KEY = 'deaths';
