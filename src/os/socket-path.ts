// Finds a place for a Unix socket whose path the kernel can take: 107 bytes, wherever the state directory lies.

import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { OperationalError } from '../lib/operational-error.ts';

/** The longest path that fits sun_path with its end mark; Node says EINVAL above it, older ones cut it in silence. */
export const SOCKET_PATH_BYTES = 107;

/**
 * `wanted`, or where that is too long a path in a private folder of ours in the run or temporary directory, made from
 * `wanted` alone so that everybody finds the same one. The caller creates the folder by `makeSocketFolder`.
 */
export function socketPath(wanted: string, fallbackRoot = tmpdir()): string {
  if (Buffer.byteLength(wanted) <= SOCKET_PATH_BYTES) {
    return wanted;
  }
  const digest = createHash('sha256').update(wanted).digest('hex').slice(0, 24);
  const short = join(fallbackRoot, `adf-${process.getuid?.() ?? 0}`, `${digest}.sock`);
  if (Buffer.byteLength(short) > SOCKET_PATH_BYTES) {
    throw new OperationalError(
      'socket.path_too_long',
      `no place for the socket ${wanted}: its path, and ${short}, are over ${SOCKET_PATH_BYTES} bytes; use a shorter TMPDIR`,
    );
  }
  return short;
}

/** Creates the folder of a socket, readable by us alone; refuses one that belongs to somebody else. */
export function makeSocketFolder(path: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) {
    throw new OperationalError(
      'socket.folder_not_ours',
      `${folder} is not a folder of ours; remove it or set another TMPDIR`,
    );
  }
  if ((found.mode & 0o077) !== 0) {
    chmodSync(folder, 0o700);
  }
}
