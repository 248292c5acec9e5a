// The one way in which anything is written: facts and state in one transaction, then the feed.

import type { Actor, Fact, RecordedFact } from '../core/run/facts.ts';
import { isStorageFailure } from '../lib/operational-error.ts';
import type { House } from './house.ts';

/** Adds a fact to the transaction under way. */
export type Note = (fact: Fact) => void;

/** Pauses between tries to write what has happened: twice as long each time. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;

/** Commits facts with the state changes that they describe. */
export class Recorder {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'feed' | 'fleet'>;
  #failure: string | null = null;
  #isGivingUp = false;
  readonly #pauses = new Set<() => void>();

  constructor(house: Pick<House, 'clock' | 'ledger' | 'feed' | 'fleet'>) {
    this.#house = house;
  }

  /** Why the ledger could not be written when last tried; null: it could. */
  get storageFailure(): string | null {
    return this.#failure;
  }

  /**
   * Runs `work` in one transaction and publishes its facts once they are durable.
   * Throws OperationalError `storage` when nothing could be kept: then nothing happened, and the caller tries again.
   */
  commit<Result>(actor: Actor, work: (note: Note) => Result): Result {
    const { ledger, clock, fleet, feed } = this.#house;
    const written: RecordedFact[] = [];
    const failure = this.#failure;
    let result: Result;
    try {
      result = ledger.transact(() => {
        const note: Note = (fact) => {
          const stamp = { at: clock.now(), mono: clock.monotonic(), actor, configHash: fleet.now.hash };
          written.push(ledger.facts.append(fact, stamp));
        };
        if (failure !== null) {
          note({ kind: 'storage.failed', message: failure });
          note({ kind: 'storage.recovered' });
        }
        return work(note);
      });
    } catch (error) {
      if (isStorageFailure(error)) {
        this.#failure = error.message;
      }
      throw error;
    }
    this.#failure = null;
    feed.publish(written);
    return result;
  }

  /**
   * As `commit`, for what has happened whether it can be written or not: tried at once, and again until the ledger takes it.
   * Throws OperationalError `storage` after `giveUp`: the host tells the next daemon once more.
   */
  async insist<Result>(actor: Actor, work: (note: Note) => Result): Promise<Result> {
    for (let pauseMs = FIRST_RETRY_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_RETRY_MS)) {
      try {
        return this.commit(actor, work);
      } catch (error) {
        if (!isStorageFailure(error) || this.#isGivingUp) {
          throw error;
        }
      }
      await this.#pause(pauseMs);
    }
  }

  /** The daemon goes: whatever could not be written is tried once more, and then left to the next one. */
  giveUp(): void {
    this.#isGivingUp = true;
    this.#pauses.forEach((end) => {
      end();
    });
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        timer.cancel();
        this.#pauses.delete(end);
        resolve();
      };
      const timer = this.#house.clock.after(ms, end);
      this.#pauses.add(end);
    });
  }
}
