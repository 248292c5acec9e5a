// What bubblewrap is told to hide, by what lies there when an attempt starts.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Bubblewrap } from '../../src/adapters/bubblewrap.ts';
import { specIn } from '../support/host-specs.ts';

let dir = '';
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'adf-bwrap-')));
  mkdirSync(join(dir, 'work'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

/** The folders and files that are hidden where `files` are there and `hidden` is to be; all in one folder of the test. */
function hides(files: readonly string[], hidden: readonly string[], writable: readonly string[] = ['work']): string[] {
  for (const file of files.map((name) => join(dir, name))) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
  }
  const paths = (names: readonly string[]): string[] => names.map((name) => join(dir, name));
  const sandbox = {
    level: 'standard',
    writable: paths(writable),
    readable: [],
    hidden: paths(hidden),
    addresses: null,
  } as const;
  const spec = specIn(join(dir, 'work'), { id: 'r1.1', argv: ['true'] }, { sandbox });
  const { argv } = new Bubblewrap(['/bin/true']).put({ ...spec, env: { HOME: join(dir, 'work') } });
  const isCover = (at: number): boolean => argv[at - 1] === '--tmpfs' || argv[at - 1] === '/dev/null';
  return argv.filter((word, at) => isCover(at) && word.startsWith(`${dir}/`)).map((path) => path.slice(dir.length + 1));
}

it.each([
  ['beside other things: the file', ['etc/token', 'etc/agents.toml'], ['etc/token'], ['etc/token']],
  ['alone in its folder: the folder', ['etc/token'], ['etc/token'], ['etc']],
  ['beside what is hidden too: the folder', ['etc/token', 'etc/key'], ['etc/token', 'etc/key'], ['etc']],
  ['that is not there yet, in a folder with others: nothing', ['etc/agents.toml'], ['etc/token'], []],
  ['that is not there yet, beside a hidden one: the folder', ['etc/key'], ['etc/token', 'etc/key'], ['etc']],
  ['whose folder is not there: nothing', [], ['etc/token'], []],
  ['that is a folder: that', ['state/ledger.db'], ['state'], ['state']],
] as const)('hides a file %s', (...[, files, hidden, expected]) => {
  expect(hides(files, hidden)).toEqual(expected);
});

it('never hides what is to be worked in, nor what that lies in', () => {
  expect(hides(['work/token'], ['work/token'])).toEqual(['work/token']);
  expect(hides(['home/token', 'home/in/r1'], ['home/token', 'home/in'], ['home/in/r1'])).toEqual([
    'home/token',
    'home/in',
  ]);
});

it('hides the folder to which a link of a file leads', () => {
  hides(['secrets/real'], []);
  symlinkSync('secrets/real', join(dir, 'token'));
  expect(hides([], ['token'])).toEqual(['secrets']);
});
