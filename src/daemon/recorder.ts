// The one way in which anything is written: facts and state in one transaction, then the feed.

import type { Actor, Fact, RecordedFact } from '../core/run/facts.ts';
import { OperationalError } from '../lib/operational-error.ts';
import type { House } from './house.ts';

/** Adds a fact to the transaction under way. */
export type Note = (fact: Fact) => void;

/** Commits facts with the state changes that they describe. */
export class Recorder {
  private readonly house: Pick<House, 'clock' | 'ledger' | 'feed' | 'fleet'>;
  private failure: string | null = null;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'feed' | 'fleet'>) {
    this.house = house;
  }

  /** Why the ledger could not be written when last tried; null: it could. */
  get storageFailure(): string | null {
    return this.failure;
  }

  /**
   * Runs `work` in one transaction and publishes its facts once they are durable.
   * Throws OperationalError `storage` when nothing could be kept: then nothing happened, and the caller tries again.
   */
  commit<Result>(actor: Actor, work: (note: Note) => Result): Result {
    const { ledger, clock, fleet, feed } = this.house;
    const written: RecordedFact[] = [];
    const recovered = this.failure !== null;
    let result: Result;
    try {
      result = ledger.transact(() => {
        const note: Note = (fact) => {
          const stamp = { at: clock.now(), mono: clock.monotonic(), actor, configHash: fleet.now.hash };
          written.push(ledger.facts.append(fact, stamp));
        };
        if (recovered) {
          note({ kind: 'storage.recovered' });
        }
        return work(note);
      });
    } catch (error) {
      if (error instanceof OperationalError && error.code === 'storage') {
        this.failure = error.message;
      }
      throw error;
    }
    this.failure = null;
    feed.publish(written);
    return result;
  }
}
