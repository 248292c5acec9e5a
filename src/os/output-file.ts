// Keeps an output file small behind the back of its writer: head and tail stay, the middle becomes a hole.
//
// The agent writes the file itself, so cutting by copy would lose what it writes meanwhile; punching a hole moves nothing.
// The cut is noted in a small file beside it *before* the hole is made, so that whoever takes over goes on where it ended.

import { closeSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** Kept at both ends, at whole lines. */
const END_BYTES = 1024 * 1024;
const SEARCH_BYTES = 64 * 1024;

/** The bytes `from` (inclusive) to `to` (exclusive) of a file that were cut out. */
export interface Cut {
  readonly from: number;
  readonly to: number;
}

/** Frees a range of a file; false where file system or program cannot. */
export type Punch = (path: string, cut: Cut) => Promise<boolean>;

/** The note beside `path` that says what was cut out of it. */
export function cutNotePath(path: string): string {
  return `${path}.cut`;
}

/** What was cut out of the output file `path`; null: nothing. */
export function readCut(path: string): Cut | null {
  try {
    return JSON.parse(readFileSync(cutNotePath(path), 'utf8')) as Cut;
  } catch {
    // No note, no cut: the note is renamed into place whole.
    return null;
  }
}

/** One file that an attempt writes, watched and cut by the process that holds the attempt. */
export class OutputFile {
  readonly path: string;
  #cut: Cut | null;
  #cutting: Promise<boolean> | null = null;

  constructor(path: string) {
    this.path = path;
    this.#cut = readCut(path);
  }

  /** Bytes ever written. */
  writtenBytes(): number {
    try {
      return statSync(this.path).size;
    } catch {
      // Removed, or made unreadable, by the agent itself: there is nothing left to cut or to count.
      return 0;
    }
  }

  /** Bytes cut out of the middle. */
  get cutBytes(): number {
    return this.#cut === null ? 0 : this.#cut.to - this.#cut.from;
  }

  /** Cuts the middle out if more than `keepBytes` would stay; false when that is needed and cannot be done. */
  cutTo(keepBytes: number, punch: Punch): Promise<boolean> {
    if (this.#cutting !== null) {
      return this.#cutting;
    }
    const size = this.writtenBytes();
    if (size - this.cutBytes <= keepBytes) {
      return Promise.resolve(true);
    }
    this.#cutting = this.#cutOut(size, keepBytes, punch)
      .catch(() => false)
      .finally(() => {
        this.#cutting = null;
      });
    return this.#cutting;
  }

  async #cutOut(size: number, keepBytes: number, punch: Punch): Promise<boolean> {
    const before = this.#cut;
    const end = Math.min(END_BYTES, Math.floor(keepBytes / 4));
    const from = before?.from ?? headEnd(this.path, end);
    const to = tailStart(this.path, size, { tail: end, longest: Math.floor(keepBytes / 2) });
    if (to <= Math.max(from, before?.to ?? 0)) {
      return true;
    }
    this.#note({ from, to });
    if (await punch(this.path, { from: before?.to ?? from, to })) {
      return true;
    }
    this.#note(before);
    return false;
  }

  #note(cut: Cut | null): void {
    this.#cut = cut;
    const path = cutNotePath(this.path);
    if (cut === null) {
      rmSync(path, { force: true });
      return;
    }
    writeFileSync(`${path}.new`, JSON.stringify(cut), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
}

/** The end of the last whole line within the first `bytes`; `bytes` where there is no line end. */
function headEnd(path: string, bytes: number): number {
  const at = readRange(path, 0, bytes).lastIndexOf(0x0a);
  return at < 0 ? bytes : at + 1;
}

/** The first line start within the last `tail` bytes; if one line fills them, that line's start as far back as `longest`. */
function tailStart(path: string, size: number, limits: { readonly tail: number; readonly longest: number }): number {
  for (let at = size - limits.tail; at < size; at += SEARCH_BYTES) {
    const found = readRange(path, at, Math.min(SEARCH_BYTES, size - at)).indexOf(0x0a);
    if (found >= 0 && at + found + 1 < size) {
      return at + found + 1;
    }
  }
  for (let at = size - limits.tail; at > size - limits.longest; at -= SEARCH_BYTES) {
    const found = readRange(path, at - SEARCH_BYTES, SEARCH_BYTES).lastIndexOf(0x0a);
    if (found >= 0) {
      return at - SEARCH_BYTES + found + 1;
    }
  }
  return size - limits.tail;
}

function readRange(path: string, from: number, length: number): Buffer {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return Buffer.alloc(0);
    }
    throw error;
  }
  try {
    const bytes = Buffer.allocUnsafe(Math.max(0, length));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, Math.max(0, from)));
  } finally {
    closeSync(fd);
  }
}

/** As much of a child process as is needed here; the rooms that may start programs hand in their `spawn`. */
type Spawn = (
  program: string,
  args: readonly string[],
  options: { readonly stdio: 'ignore' },
) => { once(event: 'error' | 'exit', told: (code: unknown) => void): unknown };

/** The command that frees `cut` of the file `path`, by util-linux' fallocate (2 ms a call): Node has no binding for it. */
export function punchArgv(path: string, { from, to }: Cut): readonly [string, ...string[]] {
  return ['fallocate', '--punch-hole', '--offset', String(from), '--length', String(to - from), path];
}

/** A `Punch` by a `spawn`. */
export function punchBy(spawn: Spawn): Punch {
  return (path, cut) => {
    const [program, ...args] = punchArgv(path, cut);
    return new Promise((resolve) => {
      const child = spawn(program, args, { stdio: 'ignore' });
      child.once('error', () => resolve(false));
      child.once('exit', (code) => resolve(code === 0));
    });
  };
}
