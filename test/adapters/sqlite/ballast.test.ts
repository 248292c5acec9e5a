// Room that is given up when the disk is full.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Ballast } from '../../../src/adapters/sqlite/ballast.ts';
import { testLedger } from '../../support/ledger.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-ballast-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const path = (): string => join(dir, 'ledger.db.ballast');
const blocks = (): number | null => statSync(path(), { throwIfNoEntry: false })?.blocks ?? null;

it('takes 8 MiB of the disk, once, and gives them back', () => {
  const ballast = new Ballast(join(dir, 'ledger.db'));
  ballast.ensure();
  const made = statSync(path()).mtimeMs;
  expect(blocks()).toBeGreaterThanOrEqual((8 * 1024 * 1024) / 512);
  ballast.ensure();
  expect(statSync(path()).mtimeMs).toBe(made);
  ballast.release();
  expect(blocks()).toBeNull();
  ballast.release();
});

it('is given up by a ledger that cannot be written because the disk is full, and by no other trouble', () => {
  const ledger = testLedger({ path: join(dir, 'ledger.db') });
  ledger.upkeep.keepBallast();
  const failing = (code: string) => () =>
    ledger.transact(() => {
      throw Object.assign(new Error('as SQLite says it'), { code });
    });

  expect(failing('SQLITE_IOERR_FSYNC')).toThrow('the ledger cannot be written');
  expect(blocks()).not.toBeNull();
  expect(failing('SQLITE_FULL')).toThrow('the ledger cannot be written');
  expect(blocks()).toBeNull();
  ledger.states.set('meta', 'goes', 'on');
  ledger.close();
});

it('is nothing for a ledger in memory', () => {
  const ledger = testLedger();
  ledger.upkeep.keepBallast();
  ledger.close();
});
