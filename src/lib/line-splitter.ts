// Cuts bytes into lines with a bound on each: what is longer keeps its head and is marked as cut.

/** A line without its break; `cut` when its tail was dropped because the line was longer than the bound. */
export interface Line {
  readonly text: string;
  readonly cut: boolean;
}

const NEWLINE = 10;

/** Collects bytes until a line is whole. Bytes of value 0 (a hole punched into a capped file) are dropped. */
export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #held = 0;
  #cut = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that `bytes` completes. */
  push(bytes: Uint8Array): readonly Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      this.#keep(bytes.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
    return lines;
  }

  /** What is left without a line break, or null. */
  end(): Line | null {
    return this.#held === 0 && !this.#cut ? null : this.#take();
  }

  #keep(piece: Uint8Array): void {
    const solid = piece.includes(0) ? piece.filter((byte) => byte !== 0) : piece;
    const room = this.#maxBytes - this.#held;
    if (solid.length > room) {
      this.#cut = true;
    }
    const kept = solid.slice(0, Math.max(0, room));
    if (kept.length > 0) {
      this.#parts.push(kept);
      this.#held += kept.length;
    }
  }

  #take(): Line {
    const joined = new Uint8Array(this.#held);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    const line = { text: new TextDecoder().decode(joined), cut: this.#cut };
    this.#parts = [];
    this.#held = 0;
    this.#cut = false;
    return line;
  }
}
