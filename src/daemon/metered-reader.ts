// Puts what a meter counted in the place of what a CLI tells of its tokens: the one place where the two meet.

import { MeterReading } from '../core/metering/meter-reading.ts';
import type { DriverVerdict, EndInput, StreamReader, StreamState } from '../ports/agent-driver.ts';

/** A driver's reader beside which a meter may write. Without a request that the meter saw, the CLI is believed. */
export class MeteredReader implements StreamReader {
  readonly #cli: StreamReader;
  readonly #reading = new MeterReading();

  constructor(cli: StreamReader) {
    this.#cli = cli;
  }

  push(line: string, cut?: boolean): void {
    this.#cli.push(line, cut);
  }

  pushError(line: string): void {
    this.#cli.pushError(line);
  }

  pushSide(line: string, since: string): void {
    this.#cli.pushSide(line, since);
  }

  /** A line of the meter's file. */
  pushMeter(line: string): void {
    this.#reading.push(line);
  }

  state(): StreamState {
    const state = this.#cli.state();
    const metered = this.#reading.metered();
    return metered === null ? state : { ...state, usageSoFar: metered.usage, byModelSoFar: metered.byModel };
  }

  verdict(end: EndInput): DriverVerdict {
    const verdict = this.#cli.verdict(end);
    const metered = this.#reading.metered();
    if (metered === null) {
      return verdict;
    }
    const { usage, byModel, requests, uncounted } = metered;
    return { ...verdict, usage, byModel, metered: { requests, uncounted } };
  }
}
