// Asks the host what attempts use: many that are silent at once share one answer.

import type { AttemptId } from '../core/ids.ts';
import type { LiveUsage } from '../ports/execution-host.ts';
import type { House } from './house.ts';
import { within } from './within.ts';

/** An answer is good for this long. */
const SHARE_MS = 1000;
/** Longest wait for one: who asks looks after an attempt, which must not go on unwatched because a host hangs. */
const ANSWER_MS = 3000;

/** One host, asked by all who watch. */
export class UsageLook {
  readonly #clock: Pick<House['clock'], 'after'>;
  readonly #host: Pick<House['host'], 'usage'>;
  #last: { readonly at: number; readonly answer: Promise<ReadonlyMap<AttemptId, LiveUsage> | null> } | null = null;

  constructor(clock: Pick<House['clock'], 'after'>, host: Pick<House['host'], 'usage'>) {
    this.#clock = clock;
    this.#host = host;
  }

  /** What `attempt` uses as of `now` (monotonic ms) or a moment before; undefined: the host does not say. */
  async of(attempt: AttemptId, now: number): Promise<LiveUsage | undefined> {
    if (this.#last === null || now - this.#last.at >= SHARE_MS) {
      this.#last = { at: now, answer: within(this.#clock, this.#host.usage(), ANSWER_MS).catch(() => null) };
    }
    return (await this.#last.answer)?.get(attempt);
  }
}
