// Follows the output files of one attempt and feeds its driver's reader, from the beginning, also after an adoption.

import { LineSplitter } from '../lib/line-splitter.ts';
import type { StreamReader } from '../ports/agent-driver.ts';
import type { House } from './house.ts';

/** Bytes read in one go. */
const CHUNK_BYTES = 256 * 1024;
/** Longer lines are cut: a tool result may hold a whole file, a verdict never does. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

/** One attempt's files and the reader that they feed. */
export class Follower {
  readonly reader: StreamReader;
  private readonly files: House['files'];
  private readonly out: Stream;
  private readonly err: Stream | null;

  constructor(
    files: House['files'],
    reader: StreamReader,
    paths: { readonly out: string; readonly err: string | null },
  ) {
    this.files = files;
    this.reader = reader;
    this.out = { path: paths.out, offset: 0, splitter: new LineSplitter(MAX_LINE_BYTES) };
    this.err = paths.err === null ? null : { path: paths.err, offset: 0, splitter: new LineSplitter(MAX_LINE_BYTES) };
  }

  /** Reads what is new; true when there was anything. */
  async advance(): Promise<boolean> {
    const out = await this.drain(this.out, (text, cut) => {
      this.reader.push(text, cut);
    });
    const err =
      this.err !== null &&
      (await this.drain(this.err, (text) => {
        this.reader.pushError(text);
      }));
    return out || err;
  }

  /** Reads to the end, including a last line without a break. */
  async finish(): Promise<void> {
    await this.advance();
    const last = this.out.splitter.end();
    if (last !== null) {
      this.reader.push(last.text, last.cut);
    }
    const lastError = this.err?.splitter.end() ?? null;
    if (lastError !== null) {
      this.reader.pushError(lastError.text);
    }
  }

  private async drain(stream: Stream, push: (text: string, cut: boolean) => void): Promise<boolean> {
    const size = await this.files.size(stream.path);
    const began = stream.offset;
    while (stream.offset < size) {
      const bytes = await this.files.read(stream.path, stream.offset, Math.min(CHUNK_BYTES, size - stream.offset));
      if (bytes.length === 0) {
        break;
      }
      stream.offset += bytes.length;
      for (const line of stream.splitter.push(bytes)) {
        push(line.text, line.cut);
      }
    }
    return stream.offset > began;
  }
}

interface Stream {
  readonly path: string;
  offset: number;
  readonly splitter: LineSplitter;
}
