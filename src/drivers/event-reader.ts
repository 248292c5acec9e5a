// What all readers of JSON streams share: lines become events, anything else is passed over, the end of stderr is kept.

import type { DriverVerdict, EndInput, StreamReader, StreamState } from '../ports/agent-driver.ts';
import { isObject, parseJson } from './json-line.ts';
import type { Json } from './json-line.ts';
import { OutputTail } from './output-tail.ts';

/** Characters of stderr that are looked at when there is no better evidence. */
const STDERR_TAIL = 4096;

/** Reader of one attempt of a CLI that prints one JSON object per line, or all of them in one array. */
export abstract class EventReader implements StreamReader {
  readonly #stderr = new OutputTail(STDERR_TAIL);

  push(line: string): void {
    const value = parseJson(line);
    for (const event of Array.isArray(value) ? value : [value]) {
      if (isObject(event)) {
        this.take(event);
      }
    }
  }

  pushError(line: string): void {
    this.#stderr.push(line);
  }

  /** Most CLIs have no such file. */
  pushSide(_line: string, _since: string): void {}

  abstract state(): StreamState;

  abstract verdict(end: EndInput): DriverVerdict;

  protected abstract take(event: Json): void;

  /** The end of stderr; null: it is empty. */
  protected get errorText(): string | null {
    return this.#stderr.text();
  }
}
