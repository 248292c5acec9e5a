// Follows the output files of one attempt and feeds its driver's reader, from the beginning, also after an adoption.

import { LineSplitter } from '../lib/line-splitter.ts';
import type { StreamReader } from '../ports/agent-driver.ts';
import type { House } from './house.ts';
import { Mask } from './mask.ts';

/** Bytes read in one go. */
const CHUNK_BYTES = 256 * 1024;
/** Longer lines are cut: a tool result may hold a whole file, a verdict never does. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

/** One attempt's files and the reader that they feed. */
export class Follower {
  readonly reader: StreamReader;
  private readonly files: Pick<House['files'], 'size' | 'read' | 'cover'>;
  private readonly out: Stream;
  private readonly err: Stream | null;

  constructor(
    house: { readonly files: Pick<House['files'], 'size' | 'read' | 'cover'>; readonly secrets: House['secrets'] },
    reader: StreamReader,
    paths: { readonly out: string; readonly err: string | null },
  ) {
    const stream = (path: string): Stream => ({
      path,
      offset: 0,
      mask: new Mask(() => house.secrets.known()),
      splitter: new LineSplitter(MAX_LINE_BYTES),
    });
    this.files = house.files;
    this.reader = reader;
    this.out = stream(paths.out);
    this.err = paths.err === null ? null : stream(paths.err);
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
    for (const line of lastLines(this.out)) {
      this.reader.push(line.text, line.cut);
    }
    for (const line of this.err === null ? [] : lastLines(this.err)) {
      this.reader.pushError(line.text);
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
      const { clean, covers } = stream.mask.push(bytes, stream.offset);
      await this.files.cover(stream.path, covers);
      stream.offset += bytes.length;
      for (const line of stream.splitter.push(clean)) {
        push(line.text, line.cut);
      }
    }
    return stream.offset > began;
  }
}

interface Stream {
  readonly path: string;
  offset: number;
  readonly mask: Mask;
  readonly splitter: LineSplitter;
}

function lastLines({ mask, splitter }: Stream): readonly { readonly text: string; readonly cut: boolean }[] {
  const lines = splitter.push(mask.end());
  const last = splitter.end();
  return last === null ? lines : [...lines, last];
}
