import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findBelow } from '../../../src/adapters/files/find-below.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-find-'));
  for (const name of [
    '2025/12/31/a-old.jsonl',
    '2026/11/21/b-new.jsonl',
    '2026/11/20/c-new.jsonl',
    '1/2/3/4/deep.jsonl',
  ]) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), '');
  }
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

it.each([
  ['the newest of several', '-new.jsonl', '2026/11/21/b-new.jsonl'],
  ['one in an older folder', '-old.jsonl', '2025/12/31/a-old.jsonl'],
])('finds %s', async (_, end, path) => {
  expect(await findBelow(dir, end)).toBe(join(dir, path));
});

it('finds nothing that is not there, or deeper than a day', async () => {
  expect(await findBelow(dir, 'none.jsonl')).toBeNull();
  expect(await findBelow(dir, 'deep.jsonl')).toBeNull();
  expect(await findBelow(join(dir, 'gone'), '.jsonl')).toBeNull();
});
