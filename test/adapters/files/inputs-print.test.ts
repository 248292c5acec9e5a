import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inputsPrint } from '../../../src/adapters/files/inputs-print.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-print-'));
  mkdirSync(join(dir, 'work/.git/logs'), { recursive: true });
  for (const name of ['task.md', 'work/readme.md', 'work/.git/HEAD', 'work/.git/logs/HEAD']) {
    writeFileSync(join(dir, name), 'begun');
  }
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const look = async (): Promise<string> => inputsPrint([join(dir, 'task.md')], join(dir, 'work'));

/** `change` comes long after what was there before, whatever the clock of the file system can tell apart. */
async function changes(name: string, change: (path: string) => void): Promise<boolean> {
  const before = await look();
  change(join(dir, name));
  return (await look()) !== before;
}

it('is the same while nothing changes', async () => {
  expect(await look()).toBe(await look());
});

it.each([
  ['the task file is written', 'task.md'],
  ['a file of the folder is written', 'work/readme.md'],
  ['a file appears', 'work/new.md'],
  ['a commit is made', 'work/.git/logs/HEAD'],
])('is another one when %s', async (_, name) => {
  expect(await changes(name, (path) => writeFileSync(path, 'and changed'))).toBe(true);
});

it('is another one when a file is touched', async () => {
  expect(await changes('work/readme.md', (path) => utimesSync(path, 1, 1))).toBe(true);
});

it('is the same when a CLI writes its own hidden folder, or git its index', async () => {
  expect(await changes('work/.claude', (path) => mkdirSync(path))).toBe(false);
  expect(await changes('work/.git/index', (path) => writeFileSync(path, 'refreshed'))).toBe(false);
});

it('follows a work tree to where its log is kept', async () => {
  mkdirSync(join(dir, 'tree'));
  writeFileSync(join(dir, 'tree/.git'), `gitdir: ${join(dir, 'work/.git')}\n`);
  const before = await inputsPrint([], join(dir, 'tree'));
  writeFileSync(join(dir, 'work/.git/logs/HEAD'), 'a commit more');
  expect(await inputsPrint([], join(dir, 'tree'))).not.toBe(before);
});

it('can be asked of a folder that is not there', async () => {
  expect(await inputsPrint([join(dir, 'gone.md')], join(dir, 'gone'))).toBe('-\n- -');
});
