// Opens the database: pragmas, integrity, migrations; refuses what is not ours, or newer.

import Database from 'better-sqlite3';
import { OperationalError, messageOf } from '../../lib/operational-error.ts';
import { lacking, migrate, names } from './migrations.ts';

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
  return orClosed(db, () => {
    if (idOf(db) === 0 && db.pragma('user_version', { simple: true }) === 0) {
      db.pragma(`application_id = ${APPLICATION_ID}`);
    }
    refuseStrangers(db);
    refuseDamage(db);
    migrate(db, migrationsDir);
  });
}

/**
 * Opens the ledger's file to be read, and writes nothing, whatever it finds. Errors: those of `openDatabase`, and
 * `schema_older` where it has not every migration of this version.
 */
export function openToRead(path: string, migrationsDir: string): Db {
  let db: Db;
  try {
    db = new Database(path, { timeout: BUSY_TIMEOUT_MS, readonly: true });
    db.pragma('trusted_schema = OFF');
  } catch (error) {
    throw asCorruption(path, error);
  }
  return orClosed(db, () => {
    refuseStrangers(db);
    refuseDamage(db);
    const missing = lacking(db, migrationsDir);
    if (missing.length > 0) {
      throw new OperationalError(
        'schema_older',
        `${path} has the schema of another version of dark-factory (it lacks ${names(missing)}): the next adf try brings it up to date`,
      );
    }
  });
}

function orClosed(db: Db, look: () => void): Db {
  try {
    look();
    return db;
  } catch (error) {
    db.close();
    throw error instanceof OperationalError ? error : asCorruption(db.name, error);
  }
}

function idOf(db: Db): number {
  return Number(db.pragma('application_id', { simple: true }));
}

function refuseStrangers(db: Db): void {
  if (idOf(db) !== APPLICATION_ID) {
    throw new OperationalError('not_a_ledger', `${db.name} is a database of another program: choose another state_dir`);
  }
}

function refuseDamage(db: Db): void {
  const check = db.pragma('quick_check', { simple: true });
  if (check !== 'ok') {
    throw asCorruption(db.name, new Error(String(check)));
  }
}

function asCorruption(path: string, error: unknown): OperationalError {
  const text = messageOf(error);
  return /malformed|not a database|corrupt|\*\*\* in database|missing from index|row \d+/i.test(text)
    ? new OperationalError('corrupt', `${path} is damaged: ${text}`, error)
    : new OperationalError('storage', `cannot open ${path}: ${text}`, error);
}
