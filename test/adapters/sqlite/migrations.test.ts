// A ledger is brought to the newest schema by the names of what it lacks, and one of a newer version is left alone.

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/adapters/sqlite/open.ts';
import { readRuns } from '../../../src/adapters/sqlite/reading.ts';
import { MIGRATIONS } from '../../support/ledger.ts';

/** The migrations of the last version that counted them. */
const COUNTED = readdirSync(MIGRATIONS).toSorted().slice(0, 9);

let dir: string;
let path: string;
let folder: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-migrations-'));
  path = join(dir, 'ledger.db');
  folder = join(dir, 'migrations');
  mkdirSync(folder);
  COUNTED.forEach((name) => copyFileSync(join(MIGRATIONS, name), join(folder, name)));
});
afterEach(() => rmSync(dir, { recursive: true }));

function add(name: string, sql: string): void {
  writeFileSync(join(folder, name), sql);
}

function open(): void {
  openDatabase(path, folder).close();
}

/** As it was left by a version that counted: so many of its files, and no names. */
function byCount(count: number): void {
  const db = new Database(path);
  db.pragma('application_id = 0x61646631');
  db.pragma('journal_mode = WAL');
  db.close();
  const all = readdirSync(folder).toSorted();
  const kept = join(dir, 'kept');
  mkdirSync(kept);
  all.slice(0, count).forEach((name) => copyFileSync(join(folder, name), join(kept, name)));
  const ledger = openDatabase(path, kept);
  ledger.exec('DROP TABLE migrations');
  ledger.pragma(`user_version = ${count}`);
  ledger.close();
}

function columns(table: string): string[] {
  const db = new Database(path, { readonly: true });
  try {
    return (db.pragma(`table_info(${table})`) as { readonly name: string }[]).map(({ name }) => name);
  } finally {
    db.close();
  }
}

/** What of the ledger a look from outside finds: its schema, its version, its names. */
function look(): unknown {
  const db = new Database(path, { readonly: true });
  try {
    return [db.pragma('user_version', { simple: true }), db.prepare('SELECT sql FROM sqlite_schema').all()];
  } finally {
    db.close();
  }
}

describe('a ledger of an earlier version', () => {
  it.each([1, 4, 7, 9])('that had counted %i migrations is given the others, and a new one', (count) => {
    byCount(count);
    add('0099_more.sql', 'ALTER TABLE runs ADD COLUMN more INTEGER');
    open();
    expect(columns('runs')).toContain('more');
    expect(columns('migrations')).toEqual(['name']);
    open();
    const db = openDatabase(path, folder);
    expect(db.prepare('SELECT name FROM migrations ORDER BY name').pluck().all()).toEqual([
      ...COUNTED,
      '0099_more.sql',
    ]);
    expect(db.pragma('user_version', { simple: true })).toBe(10);
    db.close();
  });

  it('is given one whose number fills a gap', () => {
    open();
    add('0006_gap.sql', 'ALTER TABLE runs ADD COLUMN gap INTEGER');
    open();
    expect(columns('runs')).toContain('gap');
    open();
  });

  it('is copied aside before it is changed', () => {
    byCount(9);
    add('0099_more.sql', 'ALTER TABLE runs ADD COLUMN more INTEGER');
    open();
    expect(readdirSync(dir)).toContain('ledger.db.before-0099');
  });

  it('is not copied while it is made: there is nothing to lose', () => {
    open();
    expect(readdirSync(dir).filter((name) => name.includes('before'))).toEqual([]);
  });
});

describe('a ledger of a newer version', () => {
  it('is refused in one sentence and left as it is', () => {
    add('0099_more.sql', 'ALTER TABLE runs ADD COLUMN more INTEGER');
    open();
    const before = look();
    rmSync(join(folder, '0099_more.sql'));
    add('0098_other.sql', 'ALTER TABLE runs ADD COLUMN other INTEGER');
    expect(open).toThrow(/newer dark-factory \(0099_more\).*upgrade/);
    expect(look()).toEqual(before);
  });

  it('that counts and has counted more than there were is refused', () => {
    byCount(9);
    const db = new Database(path);
    db.pragma('user_version = 10');
    db.close();
    expect(open).toThrow(/newer dark-factory/);
  });
});

describe('reading a record', () => {
  const read = () => readRuns(path, folder, ({ runs }) => runs.list({ limit: 10 }));

  it('of this version finds its runs, also of one that counted, and writes nothing', () => {
    byCount(9);
    const before = look();
    expect(read()).toEqual([]);
    expect(look()).toEqual(before);
    open();
    expect(read()).toEqual([]);
  });

  it('of an older version does not change it, and says in one sentence what to do', () => {
    byCount(9);
    add('0099_more.sql', 'ALTER TABLE runs ADD COLUMN more INTEGER');
    const before = look();
    expect(read).toThrow(/^.*ledger\.db has the schema of another version of dark-factory \(it lacks 0099_more\): .*$/);
    expect(look()).toEqual(before);
    expect(readdirSync(dir)).not.toContain('ledger.db.before-0099');
  });

  it('of a newer version is refused', () => {
    add('0099_more.sql', 'ALTER TABLE runs ADD COLUMN more INTEGER');
    open();
    rmSync(join(folder, '0099_more.sql'));
    expect(read).toThrow(/newer dark-factory \(0099_more\)/);
  });

  it('refuses the database of another program, and an empty file, as they are', () => {
    const db = new Database(path);
    db.exec('CREATE TABLE other (a)');
    db.close();
    const before = look();
    expect(read).toThrow(/database of another program/);
    expect(look()).toEqual(before);
  });
});
