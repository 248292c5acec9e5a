// Workspaces in SQLite.

import type { RunId } from '../../core/ids.ts';
import type { Occupied, Workspace } from '../../core/workspace/workspace.ts';
import type { WorkspacePatch, WorkspaceStore } from '../../ports/workspace-store.ts';
import type { Row, Statements } from './statements.ts';

const COLUMNS: Readonly<Record<keyof WorkspacePatch, string>> = {
  branch: 'branch',
  state: 'state',
  bytes: 'bytes',
  failures: 'failures',
  nextAt: 'next_at',
};

/** The workspace store over `sql`. */
export function workspaceStore(sql: Statements): WorkspaceStore {
  return {
    intend: (workspace) => {
      sql.run(
        `INSERT OR REPLACE INTO workspaces (run, kind, source, home, path, branch, user, state, bytes, failures, next_at)
           VALUES (?,?,?,?,?,?,?,?,?,?,?)`,
        workspace.run,
        workspace.kind,
        workspace.source,
        workspace.home,
        workspace.path,
        workspace.branch,
        workspace.user,
        workspace.state,
        workspace.bytes,
        workspace.failures,
        workspace.nextAt,
      );
    },
    get: (run) => {
      const row = sql.get('SELECT * FROM workspaces WHERE run = ?', run);
      return row === undefined ? null : toWorkspace(row);
    },
    update: (run, patch) => {
      for (const key of Object.keys(patch) as (keyof WorkspacePatch)[]) {
        sql.run(`UPDATE workspaces SET ${COLUMNS[key]} = ? WHERE run = ?`, patch[key] ?? null, run);
      }
    },
    there: () =>
      sql
        .all(
          `SELECT w.*, r.ended_at AS run_ended_at, r.outcome_kind AS run_outcome FROM workspaces w JOIN runs r ON r.id = w.run
           WHERE w.state <> 'gone' ORDER BY w.run`,
        )
        .map(toOccupied),
  };
}

function toOccupied(row: Row): Occupied {
  const kind = row['run_outcome'] as NonNullable<Occupied['ended']>['kind'] | null;
  return {
    workspace: toWorkspace(row),
    ended: kind === null ? null : { at: Number(row['run_ended_at']), kind },
  };
}

function toWorkspace(row: Row): Workspace {
  return {
    run: row['run'] as RunId,
    kind: row['kind'] as Workspace['kind'],
    source: String(row['source']),
    home: String(row['home']),
    path: String(row['path']),
    branch: row['branch'] as string | null,
    user: row['user'] as string | null,
    state: row['state'] as Workspace['state'],
    bytes: row['bytes'] as number | null,
    failures: Number(row['failures']),
    nextAt: Number(row['next_at']),
  };
}
