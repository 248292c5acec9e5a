// Backup, retention and checkpoints of the ledger.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { OperationalError } from '../../lib/operational-error.ts';
import type { Ledger, Upkeep } from '../../ports/ledger.ts';
import type { Ballast } from './ballast.ts';
import type { Db } from './open.ts';
import { prune } from './retention.ts';
import type { Statements } from './statements.ts';

/** More runs than can have been asked for since the newest copy, so that no id is given twice. */
const SKIPPED_IDS = 10_000_000;
const BACKUPS_KEPT = 3;
const BACKUP_NAME = /^ledger-.+\.db$/;

/** What the ledger gives to its upkeep. */
export interface UpkeepInput {
  readonly db: Db;
  readonly sql: Statements;
  readonly transact: Ledger['transact'];
  readonly ballast: Ballast | null;
}

/** Upkeep of one ledger. */
export function upkeep({ db, sql, transact, ballast }: UpkeepInput): Upkeep {
  return {
    keepBallast: () => ballast?.ensure(),
    backupDir: db.memory ? null : backupDirOf(db.name),
    backup: async (path) => {
      const temporary = `${path}.partial`;
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      rmSync(temporary, { force: true });
      try {
        await db.backup(temporary);
        settle(temporary);
        verify(temporary);
      } catch (error) {
        // Half a copy on a full disk only takes room.
        rmSync(temporary, { force: true });
        throw error;
      }
      renameSync(temporary, path);
      for (const old of backups(dirname(path)).slice(BACKUPS_KEPT)) {
        rmSync(old, { force: true });
      }
    },
    prune: ({ runs }) => prune(sql, transact, runs),
    skipIds: () => {
      const known = sql.get("SELECT seq FROM sqlite_sequence WHERE name = 'runs'");
      if (known === undefined) {
        sql.run("INSERT INTO sqlite_sequence (name, seq) VALUES ('runs', ?)", SKIPPED_IDS);
      } else {
        sql.run("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'runs'", SKIPPED_IDS);
      }
    },
    checkpoint: () => {
      db.pragma('wal_checkpoint(TRUNCATE)');
    },
  };
}

/** Where copies of the ledger at `path` belong. */
export function backupDirOf(path: string): string {
  return join(dirname(path), 'backup');
}

/** Copies in `dir` that pass their check, newest first. */
export function goodBackups(dir: string): readonly string[] {
  return backups(dir).filter((path) => {
    try {
      verify(path);
      return true;
    } catch {
      // What cannot even be opened is no good copy.
      return false;
    }
  });
}

/** All copies, newest first: their names carry the day. */
function backups(dir: string): readonly string[] {
  const names = existsSync(dir) ? readdirSync(dir) : [];
  return names
    .filter((name) => BACKUP_NAME.test(name))
    .sort()
    .toReversed()
    .map((name) => join(dir, name));
}

/** One file that is whole by itself: a copy that says WAL would be opened with two companions. */
function settle(path: string): void {
  const copy = new Database(path);
  try {
    copy.pragma('journal_mode = DELETE');
  } finally {
    copy.close();
  }
}

function verify(path: string): void {
  const copy = new Database(path, { readonly: true });
  try {
    if (copy.pragma('quick_check', { simple: true }) !== 'ok') {
      throw new OperationalError('storage', `the backup ${path} does not pass its check`);
    }
  } finally {
    copy.close();
  }
}
