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
  #fd: number;
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
    this.#fd = this.#create(path, 0, []);
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

  /** Forgets the entries before `offset`; `carried` goes into the header of the new file. Only when settled. */
  cut(offset: number, carried: readonly unknown[]): void {
    if (this.#busy || offset <= this.#base) {
      return;
    }
    const before = this.#fd;
    const from = this.#headerBytes + offset - this.#base;
    const kept = Buffer.allocUnsafe(this.#whole - from);
    readSync(before, kept, 0, kept.length, from);
    const fresh = `${this.#path}.new`;
    this.#fd = this.#create(fresh, offset, carried);
    this.#whole += writeAll(this.#fd, kept, this.#whole);
    fsyncSync(this.#fd);
    renameSync(fresh, this.#path);
    syncFolder(dirname(this.#path));
    closeSync(before);
    this.#base = offset;
  }

  /** Closes the file; call it when settled. */
  close(): void {
    closeSync(this.#fd);
  }

  #create(path: string, base: number, carried: readonly unknown[]): number {
    const fd = openSync(path, 'w+', 0o600);
    this.#headerBytes = writeAll(
      fd,
      frame(JSON.stringify({ ...this.#header, base, carried } satisfies JournalHeader)),
      0,
    );
    this.#whole = this.#headerBytes;
    fsyncSync(fd);
    syncFolder(dirname(path));
    return fd;
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
