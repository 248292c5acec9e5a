// Says where a secret lies: at a path beside the file that names it, or in the folder of credentials that systemd gives a unit.

import { dirname, join, resolve } from 'node:path';
import { credentialName } from '../core/sandbox/secret-files.ts';
import type { Entry } from './collect.ts';

/** `file` as the fleet keeps it: absolute, or `credential:NAME`, which only a unit can resolve. */
export function secretFileOf(entry: Entry<unknown>, file: string): string {
  return credentialName(file) !== null ? file : resolve(dirname(entry.source.file), file);
}

/** Where a secret of the fleet lies for whoever has `environment`. */
export function secretPath(file: string, environment: Readonly<Record<string, string | undefined>>): string {
  const name = credentialName(file);
  return name === null ? file : join(environment['CREDENTIALS_DIRECTORY'] ?? '/run/credentials', name);
}
