// Makes a folder that one user alone can enter, also where that user could put something else in its place meanwhile.

import { closeSync, constants, fchmodSync, fchownSync, fstatSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { OperationalError, messageOf } from '../../lib/operational-error.ts';
import { runProgram } from '../program.ts';
import { findAccount, type Account } from '../account.ts';
import { SYSTEM_PATH } from '../../os/system-path.ts';

const TIMEOUT_MS = 10_000;
const PRIVATE_MODE = 0o700;

/** Makes the folder at `path` for `user`, as root; `already`: it is there and right. Errors: `install.failed`. */
export async function makePrivateFolder({
  path,
  user,
}: {
  readonly path: string;
  readonly user: string;
}): Promise<'changed' | 'already'> {
  const account = await findAccount(user, SYSTEM_PATH);
  if (account === null) {
    throw new OperationalError(
      'install.failed',
      `${path} is for ${user}, and there is no such user: useradd --system --create-home ${user}`,
    );
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    await make(path, account);
    return 'changed';
  }
  if (!found.isDirectory() || found.uid !== account.uid) {
    throw new OperationalError(
      'install.failed',
      `${path} is for ${user} and belongs to somebody else, or is no folder: move it away, or: chown -R ${user}: ${path}`,
    );
  }
  if ((found.mode & 0o777) === PRIVATE_MODE) {
    return 'already';
  }
  await asUser(account, ['chmod', '0700', '--', path]);
  return 'changed';
}

/** Where its user can make it, that user does. Elsewhere that user can put nothing in its place, and root gives it away by its handle. */
async function make(path: string, account: Account): Promise<void> {
  if ((await tryAsUser(account, ['mkdir', '-m', '0700', '--', path])) === null) {
    return;
  }
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    try {
      if (fstatSync(folder).uid === process.getuid?.()) {
        fchmodSync(folder, PRIVATE_MODE);
        fchownSync(folder, account.uid, account.gid);
      }
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    throw new OperationalError('install.failed', `${path} cannot be made: ${messageOf(error)}`, error);
  }
}

async function asUser(account: Account, argv: readonly [string, ...string[]]): Promise<void> {
  const objection = await tryAsUser(account, argv);
  if (objection !== null) {
    throw new OperationalError('install.failed', `${argv.join(' ')} as ${account.name}: ${objection}`);
  }
}

async function tryAsUser({ name }: Account, argv: readonly [string, ...string[]]): Promise<string | null> {
  const { code, failure, stderr } = await runProgram({
    argv: ['runuser', '-u', name, '--', ...argv],
    env: { PATH: SYSTEM_PATH },
    timeoutMs: TIMEOUT_MS,
  });
  return failure ?? (code === 0 ? null : stderr.trim());
}
