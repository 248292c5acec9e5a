// Backup, retention and checkpoints of the ledger.

import { renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { OperationalError } from '../../lib/operational-error.ts';
import type { Upkeep } from '../../ports/ledger.ts';
import type { Db } from './open.ts';
import type { Statements } from './statements.ts';

/** Runs taken away in one go, so that a pass never blocks the loop for long. */
const PRUNE_BATCH = 500;

/** Upkeep over `db`. */
export function upkeep(db: Db, sql: Statements): Upkeep {
  return {
    backup: async (path) => {
      const temporary = `${path}.partial`;
      rmSync(temporary, { force: true });
      await db.backup(temporary);
      verify(temporary);
      renameSync(temporary, path);
    },
    prune: ({ runs, now: _now }) => {
      const old = sql.all(
        "SELECT id FROM runs WHERE ended_at IS NOT NULL AND ended_at < ? AND state = 'ended' LIMIT ?",
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
          sql.run('DELETE FROM runs WHERE id = ?', id);
          removed += 1;
        }
        removed += sql.run('DELETE FROM slots WHERE run IS NULL AND to_at < ?', runs).changes;
        removed += sql.run('DELETE FROM facts WHERE run IS NULL AND at < ?', runs).changes;
        removed += sql.run("DELETE FROM outbox WHERE state = 'done' AND created_at < ?", runs).changes;
      })();
      return removed;
    },
    checkpoint: () => {
      db.pragma('wal_checkpoint(TRUNCATE)');
    },
  };
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
