// Collects a JSON object that a CLI prints over many lines, from a line that is only its opening bracket.

import { parseObject } from '../json-line.ts';
import type { Json } from '../json-line.ts';

/** Characters that are collected at most; a longer object is given up. */
const MAX_CHARACTERS = 8 * 1024 * 1024;

/** One object at the end of a stream of lines. */
export class TrailingObject {
  #lines: string[] = [];
  #held = 0;

  push(line: string): void {
    if (line === '{') {
      this.#lines = [];
      this.#held = 0;
    } else if (this.#lines.length === 0) {
      return;
    }
    this.#held += line.length;
    if (this.#held <= MAX_CHARACTERS) {
      this.#lines.push(line);
    }
  }

  /** The object, or null: none began, or it is not whole. */
  value(): Json | null {
    return this.#held > MAX_CHARACTERS ? null : parseObject(this.#lines.join('\n'));
  }
}
