// Writes and reads an append-only record whose entries are durable before anybody is told of them.
//
// A frame is length (u32), crc32 of the JSON (u32), JSON. The first frame is the header; logical offsets count the bytes
// of all entries ever written, also of those that were cut away since: the header says how many (`base`).

import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { syncFolder } from './whole-file.ts';

/** The first frame of a journal. */
export interface JournalHeader {
  readonly keeper: string;
  readonly bootId: string;
  /** Offset of the first entry in this file. */
  readonly base: number;
  /** Entries from before `base` that still matter, because their attempt lives: state, not events. */
  readonly carried: readonly unknown[];
}

/** One entry as JSON text; `offset` is the place after it. */
export interface JournalEntry {
  readonly json: string;
  readonly offset: number;
}

/** What a journal file holds, up to its last whole entry. */
export interface JournalContent {
  readonly header: JournalHeader;
  readonly entries: readonly JournalEntry[];
  /** Place after the last whole entry. */
  readonly end: number;
}

const FRAME_BYTES = 8;
/** Longer frames cannot be ours: a length beyond it is a torn or foreign frame. */
const ENTRY_BYTES_MAX = 16 * 1024 * 1024;
/** A failed write or sync is tried again after this: what happened is kept in memory meanwhile. */
const RETRY_MS = 1000;
const TIMER_MAX_MS = 2 ** 31 - 1;

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    // A keeper that ends takes its folder away, between a look at the folder and this.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return null;
    }
    throw error;
  }
}

/** Reads a journal as far as it is whole; null when not even its header is. */
export function readJournal(path: string): JournalContent | null {
  const bytes = readIfThere(path);
  if (bytes === null) {
    return null;
  }
  const header = frameAt(bytes, 0);
  if (header === null) {
    return null;
  }
  const parsed = JSON.parse(header) as JournalHeader;
  const entries: JournalEntry[] = [];
  let at = FRAME_BYTES + Buffer.byteLength(header);
  let offset = parsed.base;
  for (let json = frameAt(bytes, at); json !== null; json = frameAt(bytes, at)) {
    const length = FRAME_BYTES + Buffer.byteLength(json);
    at += length;
    offset += length;
    entries.push({ json, offset });
  }
  return { header: parsed, entries, end: offset };
}

/** The writing side: entries are handed to `synced` in order, after the disk has them. */
export class JournalWriter {
  readonly #path: string;
  readonly #synced: (entry: JournalEntry) => void;
  readonly #header: Omit<JournalHeader, 'base' | 'carried'>;
  #fd = -1;
  /** Bytes of the file that are known to be whole. */
  #whole = 0;
  #headerBytes = 0;
  #base = 0;
  #end = 0;
  #durable = 0;
  #waiting: JournalEntry[] = [];
  #busy = false;
  #failure: string | null = null;
  readonly #idle: (() => void)[] = [];

  constructor(
    path: string,
    header: { readonly keeper: string; readonly bootId: string },
    synced: (entry: JournalEntry) => void,
  ) {
    this.#path = path;
    this.#header = header;
    this.#synced = synced;
    this.#goOnIn(createFile(path, { ...header, base: 0, carried: [] }));
    syncFolder(dirname(path));
  }

  /** Offset of the first entry that is still in the file. */
  get base(): number {
    return this.#base;
  }

  /** Place after the last entry, durable or not. */
  get end(): number {
    return this.#end;
  }

  /** Place after the last durable entry. */
  get durable(): number {
    return this.#durable;
  }

  /** Why entries cannot be made durable at the moment; null: they can. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Adds an entry. Entries of one turn of the event loop, and of a running sync, share the next sync. */
  append(entry: unknown): void {
    const json = JSON.stringify(entry);
    this.#end += FRAME_BYTES + Buffer.byteLength(json);
    this.#waiting.push({ json, offset: this.#end });
    if (!this.#busy) {
      this.#busy = true;
      setImmediate(() => this.#flush());
    }
  }

  /** Resolves when everything appended so far is durable and told, at the latest after `withinMs`. */
  async settled(withinMs = TIMER_MAX_MS): Promise<void> {
    if (this.#busy) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, withinMs);
      this.#idle.push(resolve);
      await promise;
      clearTimeout(timer);
    }
  }

  /**
   * Forgets the entries before `offset`; `carried` goes into the header of the new file. Only when settled. Throws what
   * the disk says; entries then go on into the file that was there.
   */
  cut(offset: number, carried: readonly unknown[]): void {
    if (this.#busy || offset <= this.#base) {
      return;
    }
    const from = this.#headerBytes + offset - this.#base;
    const kept = Buffer.allocUnsafe(this.#whole - from);
    readSync(this.#fd, kept, 0, kept.length, from);
    const path = `${this.#path}.new`;
    const fresh = createFile(path, { ...this.#header, base: offset, carried }, kept);
    try {
      renameSync(path, this.#path);
    } catch (error) {
      discard(path, fresh.fd);
      throw error;
    }
    closeSync(this.#fd);
    this.#goOnIn(fresh);
    this.#base = offset;
    syncFolder(dirname(this.#path));
  }

  /** Closes the file; call it when settled. */
  close(): void {
    closeSync(this.#fd);
  }

  /** From here on entries go into `file`. */
  #goOnIn(file: WholeFile): void {
    this.#fd = file.fd;
    this.#headerBytes = file.headerBytes;
    this.#whole = file.bytes;
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      const bytes = Buffer.concat(batch.map((entry) => frame(entry.json)));
      writeAll(this.#fd, bytes, this.#whole);
      fdatasync(this.#fd, (error) =>
        error === null ? this.#written(batch, bytes.length) : this.#failed(batch, error),
      );
    } catch (error) {
      this.#failed(batch, error as Error);
    }
  }

  #written(batch: readonly JournalEntry[], length: number): void {
    this.#whole += length;
    this.#failure = null;
    this.#durable = batch.at(-1)?.offset ?? this.#durable;
    batch.forEach((entry) => this.#synced(entry));
    if (this.#waiting.length > 0) {
      this.#flush();
      return;
    }
    this.#busy = false;
    this.#idle.splice(0).forEach((resolve) => resolve());
  }

  /** Nothing is told before it is durable: the file is set back to its last whole entry and the batch tried again. */
  #failed(batch: readonly JournalEntry[], error: Error): void {
    this.#failure = error.message;
    this.#waiting = [...batch, ...this.#waiting];
    setTimeout(() => {
      try {
        ftruncateSync(this.#fd, this.#whole);
      } catch (again) {
        this.#failed([], again as Error);
        return;
      }
      this.#flush();
    }, RETRY_MS);
  }
}

/** A journal's file that is open and durable. */
interface WholeFile {
  readonly fd: number;
  readonly headerBytes: number;
  readonly bytes: number;
}

/** Makes the file at `path` of a header and the frames in `kept`; leaves none that is not whole. */
function createFile(path: string, header: JournalHeader, kept = Buffer.alloc(0)): WholeFile {
  const fd = openSync(path, 'w+', 0o600);
  try {
    const headerBytes = writeAll(fd, frame(JSON.stringify(header)), 0);
    const bytes = headerBytes + writeAll(fd, kept, headerBytes);
    fsyncSync(fd);
    return { fd, headerBytes, bytes };
  } catch (error) {
    discard(path, fd);
    throw error;
  }
}

function discard(path: string, fd: number): void {
  closeSync(fd);
  rmSync(path, { force: true });
}

function frame(json: string): Buffer {
  const body = Buffer.from(json);
  const bytes = Buffer.allocUnsafe(FRAME_BYTES + body.length);
  bytes.writeUInt32LE(body.length, 0);
  bytes.writeUInt32LE(crc32(body), 4);
  body.copy(bytes, FRAME_BYTES);
  return bytes;
}

function frameAt(bytes: Buffer, at: number): string | null {
  if (at + FRAME_BYTES > bytes.length) {
    return null;
  }
  const length = bytes.readUInt32LE(at);
  const body = bytes.subarray(at + FRAME_BYTES, at + FRAME_BYTES + length);
  const whole = length <= ENTRY_BYTES_MAX && body.length === length && crc32(body) === bytes.readUInt32LE(at + 4);
  return whole ? body.toString() : null;
}

function writeAll(fd: number, bytes: Buffer, position: number): number {
  let done = 0;
  while (done < bytes.length) {
    done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
  return done;
}
