// Reads a secret from the file that holds it, at every use, so that it can be replaced while we run.

import { readFile, stat } from 'node:fs/promises';
import { OperationalError, messageOf } from '../lib/operational-error.ts';

/** A longer file is some other file. */
const MAX_BYTES = 16 * 1024;

/** The secret in `path`, without blanks around it. Rejects with OperationalError `secret.unreadable`. */
export async function readSecret(path: string): Promise<string> {
  let text: string;
  try {
    const { size } = await stat(path);
    text = size > MAX_BYTES ? '' : (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new OperationalError('secret.unreadable', `cannot read the secret in ${path}: ${messageOf(cause)}`, cause);
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
