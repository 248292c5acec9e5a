// Attempts in SQLite.

import type { AttemptId, RunId } from '../../core/ids.ts';
import type { Attempt } from '../../core/run/run.ts';
import type { AttemptPatch, AttemptStore } from '../../ports/ledger.ts';
import { json, parsed } from './statements.ts';
import type { Row, Statements, Value } from './statements.ts';

const COLUMNS: Readonly<Record<keyof AttemptPatch, string>> = {
  state: 'state',
  startedAt: 'started_at',
  endedAt: 'ended_at',
  identity: 'identity',
  sessionId: 'session_id',
  stop: 'stop',
  outcome: 'outcome',
  exit: 'exit',
  kernel: 'kernel',
  note: 'note',
};
const JSON_COLUMNS: ReadonlySet<string> = new Set(['identity', 'stop', 'outcome', 'exit', 'kernel']);

/** The attempt store over `sql`. */
export function attemptStore(sql: Statements): AttemptStore {
  return {
    insert: (attempt) => {
      sql.run(
        `INSERT INTO attempts (id, run, number, purpose, state, intended_at, started_at, ended_at, identity, boot_id, out_path, err_path,
           session_id, session_from, provider, limits, stop_plans, definition, stop, outcome, exit, kernel, note)
           VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
        attempt.id,
        attempt.run,
        attempt.number,
        attempt.purpose,
        attempt.state,
        attempt.intendedAt,
        attempt.startedAt,
        attempt.endedAt,
        json(attempt.identity),
        attempt.bootId,
        attempt.outPath,
        attempt.errPath,
        attempt.sessionId,
        attempt.sessionFrom,
        attempt.provider,
        JSON.stringify(attempt.limits),
        JSON.stringify(attempt.stopPlans),
        json(attempt.definition),
        json(attempt.stop),
        json(attempt.outcome),
        json(attempt.exit),
        json(attempt.kernel),
        attempt.note,
      );
    },
    get: (id) => {
      const row = sql.get('SELECT * FROM attempts WHERE id = ?', id);
      return row === undefined ? null : toAttempt(row);
    },
    ofRun: (run) => sql.all('SELECT * FROM attempts WHERE run = ? ORDER BY intended_at, id', run).map(toAttempt),
    open: () => sql.all("SELECT * FROM attempts WHERE state <> 'ended' ORDER BY intended_at, id").map(toAttempt),
    update: (id, patch) => {
      const keys = (Object.keys(patch) as (keyof AttemptPatch)[]).filter((key) => patch[key] !== undefined);
      if (keys.length === 0) {
        return;
      }
      const values = keys.map((key) => (JSON_COLUMNS.has(COLUMNS[key]) ? json(patch[key]) : (patch[key] as Value)));
      sql.run(`UPDATE attempts SET ${keys.map((key) => `${COLUMNS[key]} = ?`).join(', ')} WHERE id = ?`, ...values, id);
    },
  };
}

function toAttempt(row: Row): Attempt {
  return {
    id: row['id'] as AttemptId,
    run: row['run'] as RunId,
    number: Number(row['number']),
    purpose: row['purpose'] as Attempt['purpose'],
    state: row['state'] as Attempt['state'],
    intendedAt: Number(row['intended_at']),
    startedAt: row['started_at'] as number | null,
    endedAt: row['ended_at'] as number | null,
    identity: parsed(row['identity']) as Attempt['identity'],
    bootId: String(row['boot_id']),
    outPath: String(row['out_path']),
    errPath: row['err_path'] as string | null,
    sessionId: row['session_id'] as string | null,
    sessionFrom: row['session_from'] as string | null,
    provider: row['provider'] as string | null,
    limits: parsed(row['limits']),
    stopPlans: parsed(row['stop_plans']),
    definition: parsed(row['definition']) as Attempt['definition'],
    stop: parsed(row['stop']) as Attempt['stop'],
    outcome: parsed(row['outcome']) as Attempt['outcome'],
    exit: parsed(row['exit']) as Attempt['exit'],
    kernel: parsed(row['kernel']) as Attempt['kernel'],
    note: row['note'] as string | null,
  };
}
