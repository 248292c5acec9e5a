// Asks the host what attempts use: many that are silent at once share one answer.

import type { AttemptId } from '../core/ids.ts';
import type { LiveUsage } from '../ports/execution-host.ts';
import type { House } from './house.ts';

/** An answer is good for this long. */
const SHARE_MS = 1000;

/** One host, asked by all who watch. */
export class UsageLook {
  private readonly host: Pick<House['host'], 'usage'>;
  private last: { readonly at: number; readonly answer: Promise<ReadonlyMap<AttemptId, LiveUsage> | null> } | null =
    null;

  constructor(host: UsageLook['host']) {
    this.host = host;
  }

  /** What `attempt` uses as of `now` (monotonic ms) or a moment before; undefined: the host does not say. */
  async of(attempt: AttemptId, now: number): Promise<LiveUsage | undefined> {
    if (this.last === null || now - this.last.at >= SHARE_MS) {
      this.last = { at: now, answer: this.host.usage().catch(() => null) };
    }
    return (await this.last.answer)?.get(attempt);
  }
}
