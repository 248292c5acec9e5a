// Sums the token counts of messages that a stream repeats: the last word on each message counts, once.

import type { TokenUsage } from '../ports/agent-driver.ts';
import { plus, plusKnown } from './usage.ts';

/** Messages that may still be repeated; older ones are summed up for good. */
const MAX_OPEN = 64;

interface Sum {
  readonly exact: TokenUsage;
  readonly known: TokenUsage;
}

/** Usage by message. */
export class MessageUsage {
  readonly #open = new Map<string, TokenUsage>();
  #closed: Sum | null = null;

  /** What message `id` used, as far as is known now. */
  set(id: string, usage: TokenUsage): void {
    this.#open.set(id, usage);
    if (this.#open.size > MAX_OPEN) {
      const [oldest] = this.#open;
      if (oldest !== undefined) {
        this.#open.delete(oldest[0]);
        this.#closed = added(this.#closed, oldest[1]);
      }
    }
  }

  /** What was said of message `id`, while it is still open. */
  get(id: string): TokenUsage | null {
    return this.#open.get(id) ?? null;
  }

  /** The sum; a kind that one message does not know is unknown. Null: there was no message. */
  exact(): TokenUsage | null {
    return this.#sum()?.exact ?? null;
  }

  /** The sum of what is known: a lower bound. */
  known(): TokenUsage | null {
    return this.#sum()?.known ?? null;
  }

  #sum(): Sum | null {
    return [...this.#open.values()].reduce(added, this.#closed);
  }
}

function added(sum: Sum | null, usage: TokenUsage): Sum {
  return sum === null
    ? { exact: usage, known: usage }
    : { exact: plus(sum.exact, usage), known: plusKnown(sum.known, usage) };
}
