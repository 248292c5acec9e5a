// Follows the output files of one attempt and feeds its driver's reader, from the beginning, also after an adoption.

import { LineSplitter } from '../lib/line-splitter.ts';
import type { SideFile, StreamReader } from '../ports/agent-driver.ts';
import type { House } from './house.ts';
import { MeteredReader } from './metered-reader.ts';
import { Mask } from './mask.ts';
import type { Cover } from '../ports/run-files.ts';

/** Bytes read in one go. */
const CHUNK_BYTES = 256 * 1024;
/** Longer lines are cut: a tool result may hold a whole file, a verdict never does. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

/** A side file that is not there after so many looks is never written. */
const MAX_SIDE_LOOKS = 40;

/** Where a CLI tells what it uses as it goes, besides its output. */
export interface SideSource {
  readonly file: (sessionId: string) => SideFile | null;
  /** Start of the attempt, ISO 8601 in UTC. */
  readonly since: string;
}

/** One attempt's files and the reader that they feed. */
export class Follower {
  readonly reader: MeteredReader;
  readonly #files: Pick<House['files'], 'size' | 'read' | 'cover' | 'findBelow'>;
  readonly #out: Stream;
  readonly #err: Stream | null;
  readonly #side: SideSource | null;
  readonly #meter: Stream | null;
  #sideStream: Stream | null = null;
  #sideLooks = 0;
  /** Who reads now; settled when nobody does. */
  #turn: Promise<void> = Promise.resolve();

  constructor(
    house: {
      readonly files: Pick<House['files'], 'size' | 'read' | 'cover' | 'findBelow'>;
      readonly secrets: House['secrets'];
    },
    reader: StreamReader,
    paths: {
      readonly out: string;
      readonly err: string | null;
      readonly side?: SideSource | null;
      /** What its meter writes, if it has one. */
      readonly meter?: string | null;
    },
  ) {
    const stream = (path: string): Stream => ({
      path,
      offset: 0,
      mask: new Mask(() => house.secrets.known()),
      owed: [],
      splitter: new LineSplitter(MAX_LINE_BYTES),
    });
    this.#files = house.files;
    this.reader = new MeteredReader(reader);
    this.#out = stream(paths.out);
    this.#side = paths.side ?? null;
    const { meter = null } = paths;
    this.#meter = meter === null ? null : unmasked(meter);
    this.#err = paths.err === null ? null : stream(paths.err);
  }

  /** Reads what is new; true when there was anything. */
  async advance(): Promise<boolean> {
    return this.#inTurn(async () => this.#readOn());
  }

  /** Reads to the end, including a last line without a break. */
  async finish(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#readOn();
      for (const line of lastLines(this.#out)) {
        this.reader.push(line.text, line.cut);
      }
      for (const line of this.#err === null ? [] : lastLines(this.#err)) {
        this.reader.pushError(line.text);
      }
    });
  }

  /** An end may be told while a look is under way: two that read at once would each skip what the other one took. */
  async #inTurn<Result>(read: () => Promise<Result>): Promise<Result> {
    const mine = this.#turn.then(read);
    this.#turn = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  async #readOn(): Promise<boolean> {
    const out = await this.#drain(this.#out, (text, cut) => {
      this.reader.push(text, cut);
    });
    const err =
      this.#err !== null &&
      (await this.#drain(this.#err, (text) => {
        this.reader.pushError(text);
      }));
    await this.#advanceSide();
    if (this.#meter !== null) {
      await this.#drain(this.#meter, (text) => {
        this.reader.pushMeter(text);
      });
    }
    return out || err;
  }

  /** What is told beside the output is no sign of life: it is found late, and whole. */
  async #advanceSide(): Promise<void> {
    const { sessionId } = this.reader.state();
    const side = this.#side;
    if (side === null || sessionId === null) {
      return;
    }
    if (this.#sideStream === null && this.#sideLooks < MAX_SIDE_LOOKS) {
      this.#sideLooks += 1;
      const wanted = side.file(sessionId);
      const path = wanted === null ? null : await this.#files.findBelow(wanted.folder, wanted.endsWith);
      // It is the CLI's own: nothing in it is covered, and nothing of it is kept.
      this.#sideStream = path === null ? null : unmasked(path);
    }
    if (this.#sideStream !== null) {
      await this.#drain(this.#sideStream, (text) => {
        this.reader.pushSide(text, side.since);
      });
    }
  }

  async #drain(stream: Stream, push: (text: string, cut: boolean) => void): Promise<boolean> {
    await this.#cover(stream);
    const size = await this.#files.size(stream.path);
    const began = stream.offset;
    while (stream.offset < size) {
      const bytes = await this.#files.read(stream.path, stream.offset, Math.min(CHUNK_BYTES, size - stream.offset));
      if (bytes.length === 0) {
        break;
      }
      const { clean, covers } = stream.mask?.push(bytes, stream.offset) ?? { clean: bytes, covers: [] };
      // Before the covering, which may fail: whoever reads on must not be handed the same once more.
      stream.offset += bytes.length;
      stream.owed = covers;
      for (const line of stream.splitter.push(clean)) {
        push(line.text, line.cut);
      }
      await this.#cover(stream);
    }
    return stream.offset > began;
  }

  async #cover(stream: Stream): Promise<void> {
    if (stream.owed.length > 0) {
      await this.#files.cover(stream.path, stream.owed);
      stream.owed = [];
    }
  }
}

interface Stream {
  readonly path: string;
  offset: number;
  /** Null: it is read and left as it is. */
  readonly mask: Mask | null;
  /** What is still to be covered of what was read. */
  owed: readonly Cover[];
  readonly splitter: LineSplitter;
}

/** A file of which nothing is covered, and nothing kept. */
function unmasked(path: string): Stream {
  return { path, offset: 0, mask: null, owed: [], splitter: new LineSplitter(MAX_LINE_BYTES) };
}

function lastLines({ mask, splitter }: Stream): readonly { readonly text: string; readonly cut: boolean }[] {
  const lines = splitter.push(mask?.end() ?? new Uint8Array());
  const last = splitter.end();
  return last === null ? lines : [...lines, last];
}
