// The folder of input files that attempts of other users read, and how each file becomes its user's.

import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { PASSABLE_MODE, inputsFolder } from '../../core/install/layout.ts';
import { OperationalError, messageOf } from '../../lib/operational-error.ts';
import type { Account } from '../account.ts';

/** Makes the folder for `stateDir` where there is none. Errors: `systemd.inputs`. */
export function makeInputsFolder(stateDir: string): string {
  const folder = inputsFolder(stateDir);
  try {
    mkdirSync(folder, { recursive: true });
    if ((statSync(folder).mode & 0o7777) !== PASSABLE_MODE) {
      chmodSync(folder, PASSABLE_MODE);
    }
  } catch (error) {
    throw new OperationalError(
      'systemd.inputs',
      `${folder}, for the input files of agents that run as another user, cannot be made: ${messageOf(error)}; adf install makes it and lets the service write there`,
      error,
    );
  }
  return folder;
}

/**
 * Gives the files at `paths` to `account`; the answer is what is in the way, null: nothing. Nobody else can write in their
 * folder, so each name is still the file that we wrote.
 */
export function handOver(paths: readonly string[], { name, uid, gid }: Account): string | null {
  for (const path of paths) {
    try {
      chownSync(path, uid, gid);
    } catch (error) {
      return `${path} cannot be given to ${name}: ${messageOf(error)}; the daemon needs CAP_CHOWN, which adf.service of adf install has`;
    }
  }
  return null;
}
