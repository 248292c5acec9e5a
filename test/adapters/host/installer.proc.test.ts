// Steps of an installation that a test can carry out without changing the machine.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { carryOut } from '../../../src/adapters/host/installer.ts';
import type { Step } from '../../../src/core/install/steps.ts';

const { username, uid } = userInfo();

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-installer-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

async function ends(...steps: readonly Step[]): Promise<readonly string[]> {
  const told: string[] = [];
  await carryOut(steps, (_, end) => told.push(end));
  return told;
}

describe('a folder that one user alone can enter', () => {
  const step = (user = username): Step => ({ kind: 'private_folder', path: join(dir, 'a/b'), user });

  it('is made with what lies around it, and left alone the next time', async () => {
    expect(await ends(step(), step())).toEqual(['changed', 'already']);
    expect([statSync(join(dir, 'a/b')).mode & 0o777, statSync(join(dir, 'a/b')).uid]).toEqual([0o700, uid]);
  });

  it('is never something that lies in its place already', async () => {
    mkdirSync(join(dir, 'a'));
    symlinkSync('/etc', join(dir, 'a/b'));
    await expect(ends(step())).rejects.toThrow(/belongs to somebody else, or is no folder/);

    rmSync(join(dir, 'a/b'));
    writeFileSync(join(dir, 'a/b'), '');
    await expect(ends(step())).rejects.toThrow(/belongs to somebody else, or is no folder/);
  });

  it('is given to another user by root, who closes it again where it was opened', async () => {
    chmodSync(dir, 0o711);
    mkdirSync(join(dir, 'a'));
    const made = ends(step('nobody'));
    if (uid !== 0) {
      await expect(made).rejects.toThrow(/cannot be made/);
      return;
    }
    await made;
    chmodSync(join(dir, 'a/b'), 0o755);
    expect(await ends(step('nobody'))).toEqual(['changed']);
    expect(statSync(join(dir, 'a/b')).mode & 0o777).toBe(0o700);
    await expect(ends(step())).rejects.toThrow(/belongs to somebody else/);
  });

  it('for a user that is not there is told how to make that', async () => {
    await expect(ends(step('adf-nobody-here'))).rejects.toThrow(/useradd --system --create-home adf-nobody-here/);
  });
});

it('removes a folder that is empty, and leaves one that holds something', async () => {
  const paths = ['empty', 'used', 'gone'].map((name) => join(dir, name));
  mkdirSync(join(dir, 'empty'));
  mkdirSync(join(dir, 'used/work'), { recursive: true });
  const steps = paths.map((path): Step => ({ kind: 'no_empty_folder', path }));

  expect(await ends(...steps)).toEqual(['changed', 'already', 'already']);
  expect(paths.map((path) => existsSync(path))).toEqual([false, true, false]);
});

it('carries out a command only where what it speaks of is there', async () => {
  const path = join(dir, 'adf.service');
  const step: Step = { kind: 'command', argv: ['rm', path], ifChanged: false, ifThere: path };
  writeFileSync(path, '');

  expect(await ends(step, step)).toEqual(['changed', 'already']);
  await expect(ends({ kind: 'command', argv: ['rm', path], ifChanged: false })).rejects.toThrow(/No such file/);
});

describe('the program', () => {
  const from = (): string => join(dir, 'build');
  const step = (root = from()): Step => ({ kind: 'program', from: root, path: join(dir, '1.0.0') });
  beforeEach(() => {
    mkdirSync(join(from(), 'dist/core'), { recursive: true });
    mkdirSync(join(from(), '.git'));
    writeFileSync(join(from(), 'package.json'), '{}');
    writeFileSync(join(from(), 'dist/core/main.js'), 'one');
  });

  it('is copied once, without what is not the program', async () => {
    expect(await ends(step(), step(), step(join(dir, '1.0.0')))).toEqual(['changed', 'already', 'already']);
    expect(readdirSync(join(dir, '1.0.0')).toSorted()).toEqual(['dist', 'package.json']);
    expect(readdirSync(dir).toSorted()).toEqual(['1.0.0', 'build']);
  });

  it.each([
    ['another text', 'dist/core/main.js'],
    ['another file', 'dist/core/more.js'],
  ])(
    'is refused as another build of the same version for %s: agents may run from the one that is there',
    async (_, file) => {
      await ends(step());
      writeFileSync(join(from(), file), 'two');
      await expect(ends(step())).rejects.toThrow(/1\.0\.0 holds another build of this version.*a version of its own/);
      expect(readFileSync(join(dir, '1.0.0/dist/core/main.js'), 'utf8')).toBe('one');
    },
  );
});
