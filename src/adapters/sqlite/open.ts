// Opens the database: pragmas, integrity, migrations with a backup before each, refusal of a newer schema.

import { copyFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { OperationalError, messageOf } from '../../lib/operational-error.ts';

/** Marks our files among other SQLite databases ("adf1"). */
const APPLICATION_ID = 0x61646631;
/** How long a write waits for a reader that blocks a checkpoint; nobody else writes. */
const BUSY_TIMEOUT_MS = 2000;

/** An open connection. */
export type Db = Database.Database;

/**
 * Opens (or creates) the ledger's file and brings it to the newest schema. `:memory:` is allowed.
 * Errors: `schema_newer`, `not_a_ledger`, `corrupt`, `storage`.
 */
export function openDatabase(path: string, migrationsDir: string): Db {
  let db: Db;
  try {
    db = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('trusted_schema = OFF');
  } catch (error) {
    throw asCorruption(path, error);
  }
  refuseStrangers(db, path);
  const check = db.pragma('quick_check', { simple: true });
  if (check !== 'ok') {
    db.close();
    throw asCorruption(path, new Error(String(check)));
  }
  migrate(db, path, migrationsDir);
  return db;
}

function refuseStrangers(db: Db, path: string): void {
  const id = db.pragma('application_id', { simple: true });
  const version = Number(db.pragma('user_version', { simple: true }));
  if (id === 0 && version === 0) {
    db.pragma(`application_id = ${APPLICATION_ID}`);
  } else if (id !== APPLICATION_ID) {
    db.close();
    throw new OperationalError('not_a_ledger', `${path} is a database of another program: choose another state_dir`);
  }
}

function migrate(db: Db, path: string, migrationsDir: string): void {
  const files = readdirSync(migrationsDir)
    .filter((name) => /^\d{4}_[a-z0-9-]+\.sql$/.test(name))
    .sort();
  const current = Number(db.pragma('user_version', { simple: true }));
  if (current > files.length) {
    db.close();
    throw new OperationalError(
      'schema_newer',
      `${path} was written by a newer dark-factory (schema ${current}, this version knows ${files.length}): upgrade, or restore an older backup`,
    );
  }
  for (const [index, name] of files.entries()) {
    if (index >= current) {
      if (current > 0 && path !== ':memory:') {
        db.pragma('wal_checkpoint(TRUNCATE)');
        copyFileSync(path, `${path}.before-${name.slice(0, 4)}`);
      }
      try {
        db.transaction(() => {
          db.exec(readFileSync(join(migrationsDir, name), 'utf8'));
          db.pragma(`user_version = ${index + 1}`);
        })();
      } catch (error) {
        db.close();
        throw new OperationalError(
          'storage',
          `${path} cannot be brought to schema ${name}: ${messageOf(error)}`,
          error,
        );
      }
    }
  }
}

function asCorruption(path: string, error: unknown): OperationalError {
  const text = messageOf(error);
  return /malformed|not a database|corrupt|\*\*\* in database|missing from index|row \d+/i.test(text)
    ? new OperationalError('corrupt', `${path} is damaged: ${text}`, error)
    : new OperationalError('storage', `cannot open ${path}: ${text}`, error);
}
