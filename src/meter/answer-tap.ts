// Reads the token figures out of an answer while it passes, whole event by whole event, within a bound.

import { wireUsage } from '../core/metering/wire-usage.ts';
import type { WireUsage } from '../core/metering/wire-usage.ts';
import { LineSplitter } from '../lib/line-splitter.ts';

/** A longer event, or body, is not looked into: its request is uncounted. The last event of a response repeats all of it. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Part of every name that vendors give their figures (`usage`, `usageMetadata`): most events are passed by without being parsed. */
const FIGURES = 'sage';
const DATA = 'data:';

/** A copy of one answer. */
export class AnswerTap {
  readonly #told: (usage: WireUsage) => void;
  readonly #lines = new LineSplitter(MAX_BYTES);
  readonly #isStream: boolean;
  #body: Uint8Array[] | null = [];
  #held = 0;
  #last: WireUsage | null = null;

  /** `told` is called with all that is known, each time that it is more. */
  constructor(contentType: string, told: (usage: WireUsage) => void) {
    this.#isStream = contentType.includes('event-stream');
    this.#told = told;
  }

  push(chunk: Uint8Array): void {
    if (this.#isStream) {
      for (const { text, cut } of this.#lines.push(chunk)) {
        this.#event(cut ? '' : text);
      }
      return;
    }
    this.#held += chunk.length;
    this.#body = this.#held > MAX_BYTES ? null : this.#body;
    this.#body?.push(chunk);
  }

  /** The answer is whole. */
  end(): void {
    const last = this.#lines.end();
    if (last !== null && !last.cut) {
      this.#event(last.text);
    }
    if (!this.#isStream && this.#body !== null) {
      this.#look(Buffer.concat(this.#body).toString());
    }
  }

  #event(line: string): void {
    if (line.startsWith(DATA)) {
      this.#look(line.slice(DATA.length));
    }
  }

  #look(text: string): void {
    const usage = text.includes(FIGURES) ? wireUsage(valueOf(text), this.#last) : null;
    if (usage !== null) {
      this.#last = usage;
      this.#told(usage);
    }
  }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
