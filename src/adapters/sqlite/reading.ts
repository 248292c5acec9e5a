// Reads runs from a ledger that nobody, or somebody else, has open: without the lease, so nothing of it may be written.

import type { Ledger } from '../../ports/ledger.ts';
import { openToRead } from './open.ts';
import { runStore } from './runs.ts';
import { statements } from './statements.ts';
import { verdictStore } from './verdicts.ts';
import { workspaceStore } from './workspaces.ts';

/** What `read` finds in the ledger at `path`, which is closed again. Errors: those of `openToRead`. */
export function readRuns<Found>(
  path: string,
  migrationsDir: string,
  read: (ledger: Pick<Ledger, 'runs' | 'verdicts' | 'workspaces'>) => Found,
): Found {
  const db = openToRead(path, migrationsDir);
  try {
    const sql = statements(db);
    return read({ runs: runStore(sql), verdicts: verdictStore(sql), workspaces: workspaceStore(sql) });
  } finally {
    db.close();
  }
}
