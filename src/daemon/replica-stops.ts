// Ends runs that are kept alive with an old definition, or that nobody wants any more; says of each whether it worked.

import type { RunToStop } from '../core/reconcile/diff.ts';
import type { RunId } from '../core/ids.ts';
import { OperationalError, messageOf } from '../lib/operational-error.ts';
import type { House } from './house.ts';
import type { Stops } from './stops.ts';

/** Longest wait for the host to take a stop. */
const ANSWER_MS = 3000;
/** Longest wait until its record of it is committed; later looks would find the run still alive. */
const RECORD_MS = 1000;

/** Stops runs for the reconciler. */
export class ReplicaStops {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'feed'>;
  readonly #stops: Stops;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'feed'>, stops: Stops) {
    this.#house = house;
    this.#stops = stops;
  }

  /** Asks for the end of `run`; null when it is under way, else why not. Never rejects for what is outside. */
  async stop({ run: id, why }: RunToStop): Promise<string | null> {
    const run = this.#house.ledger.runs.get(id);
    if (run === null || run.state === 'ended' || run.state === 'waiting') {
      return null;
    }
    try {
      if (!(await this.#isDone(this.#stops.cancel(run, { kind: why })))) {
        return `${id}: its host does not answer`;
      }
    } catch (error) {
      if (error instanceof OperationalError && error.code !== 'fenced') {
        return `${id}: ${messageOf(error)}`;
      }
      throw error;
    }
    await this.#recorded(id);
    return null;
  }

  async #isDone(asked: Promise<void>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const late = this.#house.clock.after(ANSWER_MS, () => {
        resolve(false);
      });
      asked
        .then(() => {
          resolve(true);
        }, reject)
        .finally(() => {
          late.cancel();
        });
    });
  }

  /** Resolves when the ledger knows that the run is ending, or when it is no longer waited for. */
  async #recorded(id: RunId): Promise<void> {
    const { ledger, feed, clock } = this.#house;
    const isEnding = (): boolean => ['stopping', 'ended', 'waiting'].includes(ledger.runs.get(id)?.state ?? 'ended');
    if (isEnding()) {
      return;
    }
    await new Promise<void>((resolve) => {
      const end = (): void => {
        late.cancel();
        unsubscribe();
        resolve();
      };
      const late = clock.after(RECORD_MS, end);
      const unsubscribe = feed.subscribe(() => {
        if (isEnding()) {
          end();
        }
      });
    });
  }
}
