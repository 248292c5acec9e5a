// Reads the small files in which the kernel answers, with half the system calls of readFileSync.

import { closeSync, openSync, readSync } from 'node:fs';

/** One page, which is what the kernel hands out at a time; an environment or a long list takes several. */
const BUFFER = Buffer.allocUnsafe(4096);
/** No file of the kernel that we read is longer: an environment is limited to 2 MiB, a list of pids far below that. */
const PIECES_MAX = 4096;

/** The text of the file at `path`; null when it cannot be opened or read (gone between two looks, or not ours). */
export function readSmall(path: string): string | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const pieces: Buffer[] = [];
    // Until nothing more comes: a list is handed out in whole records, so a short piece is not yet the end.
    for (let length = 1; length > 0 && pieces.length < PIECES_MAX;) {
      length = readSync(fd, BUFFER, 0, BUFFER.length, null);
      pieces.push(Buffer.from(BUFFER.subarray(0, length)));
    }
    return (pieces.length === 2 ? (pieces[0] ?? BUFFER) : Buffer.concat(pieces)).toString();
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}
