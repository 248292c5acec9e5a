// Slots in SQLite: one row per slot, or per stretch of slots with the same answer.

import type { AgentKey, RunId } from '../../core/ids.ts';
import type { Reason } from '../../core/admission/reasons.ts';
import type { SlotRow, SlotStore, SlotVerdict } from '../../ports/ledger.ts';
import type { Row, Statements } from './statements.ts';

const SKIPPED = "SELECT * FROM slots WHERE agent = ? AND verdict IN ('refused','missed')";
const RAN_BEFORE =
  "SELECT 1 AS yes FROM slots WHERE agent = ? AND from_at = ? AND epoch < ? AND verdict IN ('admitted','waiting') LIMIT 1";

/** The slot store over `sql`. */
export function slotStore(sql: Statements): SlotStore {
  return {
    insertWaiting: ({ agent, epoch, at, run }) =>
      !covers(sql, agent, { epoch, at }) &&
      sql.run(
        `INSERT INTO slots (agent, epoch, from_at, to_at, count, verdict, codes, reasons, run) VALUES (?,?,?,?,1,'waiting','','[]',?)
         ON CONFLICT DO NOTHING`,
        agent,
        epoch,
        at,
        at,
        run,
      ).changes === 1,
    insertStretch: (row) => {
      sql.run(
        `INSERT INTO slots (agent, epoch, from_at, to_at, count, verdict, codes, reasons, run) VALUES (?,?,?,?,?,?,?,?,NULL)
         ON CONFLICT DO NOTHING`,
        row.agent,
        row.epoch,
        row.from,
        row.to,
        row.count,
        row.verdict,
        codesOf(row.reasons),
        JSON.stringify(row.reasons),
      );
    },
    covers: (agent, epoch, at) => covers(sql, agent, { epoch, at }),
    settle: (run, verdict) => {
      sql.run('UPDATE slots SET verdict = ? WHERE run = ?', verdict, run);
    },
    refuse: (run, reasons) => refuse(sql, run, reasons),
    ofRun: (run) => {
      const row = sql.get('SELECT * FROM slots WHERE run = ?', run);
      return row === undefined ? null : toSlot(row);
    },
    ofAgent: (agent, limit) =>
      sql
        .all('SELECT * FROM slots WHERE agent = ? ORDER BY epoch DESC, from_at DESC LIMIT ?', agent, limit)
        .map(toSlot),
    skipped: (agent, limit) =>
      sql.all(`${SKIPPED} ORDER BY epoch DESC, from_at DESC LIMIT ?`, agent, limit).map(toSlot),
    ranBefore: (agent, at, epoch) => sql.get(RAN_BEFORE, agent, at, epoch) !== undefined,
  };
}

function covers(sql: Statements, agent: AgentKey, slot: { readonly epoch: number; readonly at: number }): boolean {
  const row = sql.get(
    'SELECT to_at FROM slots WHERE agent = ? AND epoch = ? AND from_at <= ? ORDER BY from_at DESC LIMIT 1',
    agent,
    slot.epoch,
    slot.at,
  );
  return row !== undefined && Number(row['to_at']) >= slot.at;
}

function refuse(sql: Statements, run: RunId, reasons: readonly Reason[]): boolean {
  const slot = sql.get('SELECT * FROM slots WHERE run = ?', run);
  if (slot === undefined) {
    return false;
  }
  const codes = codesOf(reasons);
  const at = Number(slot['from_at']);
  const before = sql.get(
    'SELECT * FROM slots WHERE agent = ? AND epoch = ? AND from_at < ? ORDER BY from_at DESC LIMIT 1',
    String(slot['agent']),
    Number(slot['epoch']),
    at,
  );
  if (before !== undefined && before['verdict'] === 'refused' && before['codes'] === codes) {
    sql.run('DELETE FROM slots WHERE id = ?', Number(slot['id']));
    sql.run(
      'UPDATE slots SET to_at = ?, count = count + 1, reasons = ? WHERE id = ?',
      at,
      JSON.stringify(reasons),
      Number(before['id']),
    );
    return false;
  }
  sql.run(
    "UPDATE slots SET verdict = 'refused', codes = ?, reasons = ?, run = NULL WHERE id = ?",
    codes,
    JSON.stringify(reasons),
    Number(slot['id']),
  );
  return true;
}

/** The identity of an answer: its codes, sorted. */
export function codesOf(reasons: readonly Reason[]): string {
  return [...new Set(reasons.map((reason) => reason.code))].sort().join(' ');
}

function toSlot(row: Row): SlotRow {
  return {
    id: Number(row['id']),
    agent: row['agent'] as AgentKey,
    epoch: Number(row['epoch']),
    from: Number(row['from_at']),
    to: Number(row['to_at']),
    count: Number(row['count']),
    verdict: row['verdict'] as SlotVerdict,
    reasons: JSON.parse(String(row['reasons'])) as Reason[],
    run: row['run'] as RunId | null,
  };
}
