// Keeps the end of a text that arrives line by line, within a fixed number of characters.

/** Characters kept: at most 48 KiB of UTF-8, so within the 64 KiB of a verdict's last words. */
const MAX_CHARACTERS = 16_384;

/** The last lines of an output or of stderr. */
export class OutputTail {
  readonly #limit: number;
  #lines: string[] = [];
  #held = 0;

  constructor(limit = MAX_CHARACTERS) {
    this.#limit = limit;
  }

  push(line: string): void {
    const kept = line.length > this.#limit ? line.slice(-this.#limit) : line;
    this.#lines.push(kept);
    this.#held += kept.length + 1;
    // Dropping in batches: shifting an array for each line would cost its whole length each time.
    if (this.#held > 2 * this.#limit) {
      this.#trim();
    }
  }

  /** What is kept, without empty lines around it; null: nothing was printed. */
  text(): string | null {
    const joined = this.#lines.join('\n');
    const text = joined.slice(-this.#limit).toWellFormed().trim();
    return text === '' ? null : text;
  }

  #trim(): void {
    let first = this.#lines.length;
    let kept = 0;
    while (first > 0 && kept < this.#limit) {
      first -= 1;
      kept += (this.#lines[first]?.length ?? 0) + 1;
    }
    this.#lines = this.#lines.slice(first);
    this.#held = kept;
  }
}
