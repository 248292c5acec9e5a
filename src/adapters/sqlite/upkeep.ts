// Backup, retention and checkpoints of the ledger.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { OperationalError } from '../../lib/operational-error.ts';
import type { Upkeep } from '../../ports/ledger.ts';
import type { Ballast } from './ballast.ts';
import type { Db } from './open.ts';
import type { Statements } from './statements.ts';

/** Runs taken away in one go, so that a pass never blocks the loop for long. */
const PRUNE_BATCH = 500;
/** More runs than can have been asked for since the newest copy, so that no id is given twice. */
const SKIPPED_IDS = 10_000_000;
const BACKUPS_KEPT = 3;
const BACKUP_NAME = /^ledger-.+\.db$/;

/** Upkeep over `db`. */
export function upkeep(db: Db, sql: Statements, ballast: Ballast | null): Upkeep {
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
    prune: ({ runs }) => prune(db, sql, runs),
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

/** A run whose workspace is still there stays, for else nobody would know of it. */
function prune(db: Db, sql: Statements, runs: number): number {
  const old = sql.all(
    `SELECT id FROM runs WHERE ended_at IS NOT NULL AND ended_at < ? AND state = 'ended'
           AND id NOT IN (SELECT run FROM workspaces WHERE state <> 'gone') LIMIT ?`,
    runs,
    PRUNE_BATCH,
  );
  let removed = 0;
  db.transaction(() => {
    for (const row of old) {
      const id = String(row['id']);
      sql.run('DELETE FROM attempts WHERE run = ?', id);
      sql.run('DELETE FROM verdicts WHERE run = ?', id);
      sql.run('DELETE FROM facts WHERE run = ?', id);
      sql.run('DELETE FROM slots WHERE run = ?', id);
      sql.run('DELETE FROM workspaces WHERE run = ?', id);
      sql.run('DELETE FROM runs WHERE id = ?', id);
      removed += 1;
    }
    removed += sql.run('DELETE FROM slots WHERE run IS NULL AND to_at < ?', runs).changes;
    removed += sql.run('DELETE FROM facts WHERE run IS NULL AND at < ?', runs).changes;
    removed += sql.run('DELETE FROM sessions WHERE used_at < ?', runs).changes;
    removed += sql.run('DELETE FROM spend WHERE at < ?', runs).changes;
    removed += sql.run('DELETE FROM alerts WHERE closed_at < ?', runs).changes;
    removed += sql.run("DELETE FROM outbox WHERE state = 'done' AND created_at < ?", runs).changes;
  })();
  return removed;
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
