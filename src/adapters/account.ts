// Looks up a system user, wherever the machine keeps its users.

import { runProgram } from './program.ts';

const LOOKUP_TIMEOUT_MS = 10_000;

/** What a user's own programs expect in their environment. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** The account of the user `name`; null: there is none. */
export async function findAccount(name: string, path: string): Promise<Account | null> {
  const { stdout, code } = await runProgram({
    argv: ['getent', 'passwd', '--', name],
    env: { PATH: path },
    timeoutMs: LOOKUP_TIMEOUT_MS,
  });
  const [found, , uid, gid, , home, shell] = stdout.split(':');
  return code === 0 && found === name && home !== undefined && shell !== undefined
    ? { name, uid: Number(uid), gid: Number(gid), home, shell }
    : null;
}

/** The variables of `account` that a login would set. */
export function accountVariables({ name, home, shell }: Account): Readonly<Record<string, string>> {
  return { HOME: home, USER: name, LOGNAME: name, SHELL: shell };
}
