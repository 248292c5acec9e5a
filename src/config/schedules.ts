// Parses each schedule of a configuration once: thousands of agents share a few texts, and a parse costs a third of a millisecond.

import type { Schedule } from '../core/trigger/schedule-fields.ts';
import type { CronResult } from './cron.ts';
import { parseCron } from './cron.ts';

/** The schedules of one configuration, by their text. */
export class Schedules {
  readonly #parsed = new Map<string, CronResult>();

  /** What `text` means, or what is wrong with it. */
  parse(text: string): CronResult {
    const known = this.#parsed.get(text) ?? parseCron(text);
    this.#parsed.set(text, known);
    return known;
  }

  /** The schedule of a `text` that has passed its check. */
  get(text: string): Schedule {
    const parsed = this.parse(text);
    if (parsed.kind === 'error') {
      throw new Error(`a schedule that passed its check does not parse: ${parsed.message}`);
    }
    return parsed.schedule;
  }
}
