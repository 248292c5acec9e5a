// Input files of attempts that run as another user: theirs to read, nobody else's, and no way into the state directory.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runFiles } from '../../../src/adapters/files/run-files.ts';
import { findAccount } from '../../../src/adapters/account.ts';
import { handOver, makeInputsFolder } from '../../../src/adapters/systemd/inputs.ts';
import type { AttemptId } from '../../../src/core/ids.ts';

const ATTEMPT = 'r1.1' as AttemptId;

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** Only root can give a file away; anybody can keep one. */
const IS_ROOT = process.getuid?.() === 0;
const OTHERS = IS_ROOT ? (['games', 'nobody'] as const) : [];

let dir: string;
let stateDir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-inputs-'));
  chmodSync(dir, 0o711);
  stateDir = join(dir, 'state');
  mkdirSync(stateDir, { mode: 0o700 });
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

async function accountOf(name: string) {
  const account = await findAccount(name, PATH);
  if (account === null) {
    throw new Error(`this machine has no user ${name}`);
  }
  return account;
}

async function asUser(name: string, ...argv: readonly [string, ...string[]]): Promise<string | null> {
  const { uid, gid } = await accountOf(name);
  const [program, ...args] = argv;
  const { status, stdout } = spawnSync(program, args, { uid, gid, encoding: 'utf8', cwd: '/', env: { PATH } });
  return status === 0 ? stdout : null;
}

describe('the folder of input files', () => {
  it('lies beside the state directory and can be passed, not listed; made again it stays as it is', () => {
    const folder = makeInputsFolder(stateDir);
    expect(folder).toBe(`${stateDir}-inputs`);
    expect(statSync(folder).mode & 0o777).toBe(0o711);
    writeFileSync(join(folder, 'r1.1.script'), '');
    expect(makeInputsFolder(stateDir)).toBe(folder);
    expect(statSync(join(folder, 'r1.1.script')).size).toBe(0);
  });

  it('is put right where somebody opened it', () => {
    chmodSync(makeInputsFolder(stateDir), 0o777);
    expect(statSync(makeInputsFolder(stateDir)).mode & 0o777).toBe(0o711);
  });

  it('that cannot be made is an error with the cure', () => {
    writeFileSync(`${stateDir}-inputs`, '');
    expect(() => makeInputsFolder(stateDir)).toThrow(
      expect.objectContaining({ code: 'systemd.inputs', message: expect.stringContaining('adf install') as string }),
    );
  });
});

describe('input files', () => {
  it('stay ours where the attempt runs as us, and a file that is gone is said', async () => {
    const files = runFiles(stateDir, makeInputsFolder(stateDir));
    const path = files.inputPath(ATTEMPT);
    await files.writeInputs([{ path, text: 'do this' }]);
    const ours = {
      name: 'us',
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      home: '/',
      shell: '/bin/sh',
    };
    expect(handOver([path], ours)).toBeNull();
    expect(handOver([`${path}.gone`], ours)).toMatch(/r1\.1\.gone cannot be given to us: .*ENOENT/);
  });

  it.each(OTHERS)('of %s are read by that user, by no other, and are taken back at the end', async (user) => {
    const files = runFiles(stateDir, makeInputsFolder(stateDir));
    const path = `${files.inputPath(ATTEMPT)}.script`;
    await files.writeInputs([{ path, text: 'echo done' }]);
    expect(await asUser(user, 'cat', path)).toBeNull();
    expect(handOver([path], await accountOf(user))).toBeNull();
    expect(await asUser(user, 'sh', path)).toBe('done\n');
    const other = user === 'games' ? 'nobody' : 'games';
    expect(await asUser(other, 'cat', path)).toBeNull();
    expect(await asUser(user, 'ls', `${stateDir}-inputs`)).toBeNull();
    expect(await asUser(user, 'ls', stateDir)).toBeNull();
    // Asked again after a crash: the file is the user's by now.
    await files.writeInputs([{ path, text: 'echo again' }]);
    expect(statSync(path).uid).toBe(0);
    await files.removeInputs(ATTEMPT);
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });
});
