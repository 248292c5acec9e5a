// Names a state directory, so that processes of several factories on one machine are never mistaken for each other's.

import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The id by which processes of `stateDir` are known, wherever the directory is moved; made at the first question. */
export function stateIdOf(stateDir: string): string {
  // Where the first keepers looked for it; it stays there, so that an upgrade knows its processes again.
  const folder = join(stateDir, 'keeper');
  const path = join(folder, 'state-id');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, randomBytes(8).toString('hex'), { mode: 0o600 });
  try {
    linkSync(fresh, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
  } finally {
    rmSync(fresh);
  }
  return readFileSync(path, 'utf8');
}
