// Which migrations a ledger has, by their names, and how it is given the ones that it lacks.

import { copyFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { OperationalError, messageOf } from '../../lib/operational-error.ts';

/** What versions had that kept only a count (`user_version`) of the migrations applied, in the order of that count. */
const COUNTED = [
  '0001_ledger.sql',
  '0002_outbox-unit.sql',
  '0003_definition-print.sql',
  '0004_alerts.sql',
  '0005_sessions-and-spend.sql',
  '0007_attempt-provider.sql',
  '0010_workspaces.sql',
  '0011_metered.sql',
  '0012_billing.sql',
];

/** The migrations that the ledger `db` lacks, in their order. Errors: `schema_newer` where it has one that is not in `dir`. */
export function lacking(db: Database, dir: string): string[] {
  const files = readdirSync(dir)
    .filter((name) => /^\d{4}_[a-z0-9-]+\.sql$/.test(name))
    .sort();
  const applied = appliedTo(db);
  const unknown = applied.filter((name) => !files.includes(name));
  if (unknown.length > 0) {
    throw new OperationalError(
      'schema_newer',
      `${db.name} was written by a newer dark-factory (${names(unknown)}): upgrade, or restore an older backup`,
    );
  }
  return files.filter((name) => !applied.includes(name));
}

/** Migrations as a sentence shows them. */
export function names(migrations: readonly string[]): string {
  return migrations.map((name) => name.replace('.sql', '')).join(', ');
}

/** Gives `db` what it lacks, one transaction for each; of a ledger that holds something, a copy of the file before each. Errors: `schema_newer`, `storage`. */
export function migrate(db: Database, dir: string): void {
  const missing = lacking(db, dir);
  const isKept = countOf(db) > 0 && !db.memory;
  try {
    keepNames(db);
    for (const name of missing) {
      if (isKept) {
        keepCopy(db, name);
      }
      bring(db, dir, name);
    }
  } catch (error) {
    const to = names(missing) || 'one with names';
    throw new OperationalError('storage', `${db.name} cannot be brought to schema ${to}: ${messageOf(error)}`, error);
  }
}

function keepCopy(db: Database, before: string): void {
  db.pragma('wal_checkpoint(TRUNCATE)');
  copyFileSync(db.name, `${db.name}.before-${before.slice(0, 4)}`);
}

function bring(db: Database, dir: string, name: string): void {
  db.transaction(() => {
    db.exec(readFileSync(join(dir, name), 'utf8'));
    db.prepare('INSERT INTO migrations (name) VALUES (?)').run(name);
    // Versions that count refuse a ledger that has counted further than they do.
    db.pragma(`user_version = ${countOf(db) + 1}`);
  })();
}

/** What was counted is written down once by name. */
function keepNames(db: Database): void {
  if (hasNames(db)) {
    return;
  }
  db.transaction(() => {
    const applied = appliedTo(db);
    db.exec('CREATE TABLE migrations (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID');
    const insert = db.prepare('INSERT INTO migrations (name) VALUES (?)');
    applied.forEach((name) => insert.run(name));
  })();
}

function appliedTo(db: Database): string[] {
  if (hasNames(db)) {
    return db.prepare('SELECT name FROM migrations ORDER BY name').pluck().all() as string[];
  }
  const count = countOf(db);
  return count <= COUNTED.length ? COUNTED.slice(0, count) : [...COUNTED, `schema ${count}`];
}

function hasNames(db: Database): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'").get() !== undefined;
}

function countOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}
