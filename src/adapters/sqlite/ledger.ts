// The ledger on SQLite: one writer connection, one transaction at a time, fenced by the lease.

import { OperationalError, messageOf } from '../../lib/operational-error.ts';
import type { ProcessIdentity } from '../../ports/execution-host.ts';
import type { Ledger } from '../../ports/ledger.ts';
import { alertStore } from './alerts.ts';
import { attemptStore } from './attempts.ts';
import { Ballast } from './ballast.ts';
import { factStore } from './facts.ts';
import { issueStore } from './issues.ts';
import { releaseLease, takeLease } from './lease.ts';
import { openDatabase } from './open.ts';
import type { Db } from './open.ts';
import { outboxStore } from './outbox.ts';
import { runStore } from './runs.ts';
import { sessionStore } from './sessions.ts';
import { slotStore } from './slots.ts';
import { spendStore } from './spend.ts';
import { stateStore } from './states.ts';
import { statements } from './statements.ts';
import type { Statements } from './statements.ts';
import { upkeep } from './upkeep.ts';
import { verdictStore } from './verdicts.ts';
import { workspaceStore } from './workspaces.ts';

/** Where the ledger lies and who opens it. `path` may be `:memory:`. */
export interface LedgerInput {
  readonly path: string;
  readonly migrationsDir: string;
  readonly self: ProcessIdentity;
  readonly isAlive: (identity: ProcessIdentity) => boolean;
}

/** Opens the ledger and takes its lease. Errors: those of `openDatabase` and `lease_held`. */
export function openLedger(input: LedgerInput): Ledger {
  const db = openDatabase(input.path, input.migrationsDir);
  let fence: number;
  try {
    fence = takeLease(db, input.self, input.isAlive);
  } catch (error) {
    db.close();
    throw error;
  }
  const sql = statements(db);
  const ballast = db.memory ? null : new Ballast(db.name);
  let open = false;

  const transact = <Result>(work: () => Result): Result => {
    if (open) {
      return work();
    }
    open = true;
    try {
      sql.run('BEGIN IMMEDIATE');
      if (sql.get('SELECT fence FROM lease')?.['fence'] !== fence) {
        throw new OperationalError('fenced', 'another dark-factory took over this state directory: this one stops');
      }
      const result = work();
      sql.run('COMMIT');
      return result;
    } catch (error) {
      if (db.inTransaction) {
        db.exec('ROLLBACK');
      }
      if (isFull(error)) {
        // Not tried again here: the facts of this transaction are its caller's, who repeats it whole.
        ballast?.release();
      }
      throw isStorage(error)
        ? new OperationalError('storage', `the ledger cannot be written: ${messageOf(error)}`, error)
        : error;
    } finally {
      open = false;
    }
  };

  return {
    transact,
    ...storesOf(sql, transact),
    upkeep: upkeep({ db, sql, transact, ballast }),
    close: () => {
      letGo(db, fence);
    },
  };
}

type Stores = Omit<Ledger, 'transact' | 'upkeep' | 'close'>;

function storesOf(sql: Statements, transact: Ledger['transact']): Stores {
  return {
    facts: factStore(sql),
    runs: runStore(sql),
    attempts: attemptStore(sql),
    slots: slotStore(sql),
    verdicts: verdictStore(sql),
    states: stateStore(sql),
    outbox: outboxStore(sql),
    sessions: sessionStore(sql),
    spend: spendStore(sql),
    issues: issueStore(sql, transact),
    alerts: alertStore(sql),
    workspaces: workspaceStore(sql),
  };
}

function isFull(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_FULL';
}

function codeOf(error: unknown): string {
  return String((error as { readonly code?: unknown }).code);
}

/** A lease that cannot be given back, because the disk is full, is taken from the dead. */
function letGo(db: Db, fence: number): void {
  try {
    releaseLease(db, fence);
  } finally {
    db.close();
  }
}

function isStorage(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|READONLY|BUSY|CANTOPEN|CORRUPT|NOTADB)/.test(codeOf(error));
}
