// Tells committed facts to whoever listens: the log, the event stream, and tests, which wait here instead of sleeping.

import type { RecordedFact } from '../core/run/facts.ts';

/** Stops listening. */
export type Unsubscribe = () => void;

/** Facts in the order of the ledger, each after its transaction is durable. */
export class Feed {
  readonly #listeners = new Set<(fact: RecordedFact) => void>();

  /** Calls `listener` for each fact from now on. */
  subscribe(listener: (fact: RecordedFact) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Tells `facts` to all listeners. */
  publish(facts: readonly RecordedFact[]): void {
    for (const fact of facts) {
      for (const listener of this.#listeners) {
        listener(fact);
      }
    }
  }
}
