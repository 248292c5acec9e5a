// Appends what a meter counted to its file, at once: whoever is killed a moment later has said it.

import { openSync, writeSync } from 'node:fs';
import { writeMeterLine } from '../core/metering/meter-line.ts';
import type { MeterLine } from '../core/metering/meter-line.ts';

/** The file of one meter. */
export class RequestLog {
  readonly #file: number;
  #lost = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'a', 0o600);
  }

  /** Writes `line`. What a full disk does not take is counted, and said as soon as there is room: no request waits for it. */
  write(line: MeterLine): void {
    const lost = this.#lost === 0 ? '' : writeMeterLine({ k: 'lost', lines: this.#lost });
    try {
      writeSync(this.#file, `${lost}${writeMeterLine(line)}`);
      this.#lost = 0;
    } catch {
      this.#lost += 1;
    }
  }
}
