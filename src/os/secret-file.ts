// Reads a secret from the file that holds it, at every use, so that it can be replaced while we run.

import { readFile, stat } from 'node:fs/promises';
import { OperationalError, messageOf } from '../lib/operational-error.ts';

/** A longer file is some other file. */
const MAX_BYTES = 16 * 1024;

/** Permissions of everybody else. */
const OTHERS = 0o007;

/**
 * The secret in `path`, without blanks around it. `private`: only where nobody else can use the file. Rejects with
 * OperationalError `secret.unreadable` or `secret.exposed`.
 */
export async function readSecret(path: string, demand: 'any' | 'private' = 'any'): Promise<string> {
  let text: string;
  try {
    const { size, mode } = await stat(path);
    if (demand === 'private' && (mode & OTHERS) !== 0) {
      throw new OperationalError(
        'secret.exposed',
        `every user of this machine can use the secret in ${path}: chmod 600 ${path}`,
      );
    }
    text = size > MAX_BYTES ? '' : (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw cause instanceof OperationalError
      ? cause
      : new OperationalError('secret.unreadable', `cannot read the secret in ${path}: ${messageOf(cause)}`, cause);
  }
  if (text === '') {
    throw new OperationalError('secret.unreadable', `${path} is empty or too long to be a secret`);
  }
  return text;
}

/** Changes when the file changes, appears or vanishes. */
export async function secretStamp(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino}:${size}:${mtimeNs}`;
  } catch (cause) {
    return messageOf(cause);
  }
}
