// Reads a secret from the file that holds it, at every use, so that it can be replaced while we run.

import { readFile, stat } from 'node:fs/promises';
import { OperationalError, messageOf } from '../lib/operational-error.ts';
import { exposureOf } from '../lib/secret-mode.ts';

/** A longer file is some other file. */
const MAX_BYTES = 16 * 1024;

/**
 * The secret in `path`, which the key `key` of agents.toml names, without blanks around it; only where nobody but the file's
 * owner can use it. Rejects with OperationalError `secret.unreadable` or `secret.exposed`.
 */
export async function readSecret(path: string, key: string): Promise<string> {
  let text: string;
  try {
    const { size, mode } = await stat(path);
    const exposure = exposureOf(path, mode);
    if (exposure !== null) {
      throw new OperationalError('secret.exposed', `${key}: ${exposure}`);
    }
    text = size > MAX_BYTES ? '' : (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw cause instanceof OperationalError
      ? cause
      : new OperationalError(
          'secret.unreadable',
          `${key}: cannot read the secret in ${path}: ${messageOf(cause)}`,
          cause,
        );
  }
  if (text === '') {
    throw new OperationalError('secret.unreadable', `${key}: ${path} is empty or too long to be a secret`);
  }
  return text;
}

/** Changes when the file or its mode changes, appears or vanishes. */
export async function secretStamp(path: string): Promise<string> {
  try {
    const { ino, size, ctimeNs } = await stat(path, { bigint: true });
    return `${ino}:${size}:${ctimeNs}`;
  } catch (cause) {
    return messageOf(cause);
  }
}
