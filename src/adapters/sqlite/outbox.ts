// The outbox in SQLite: reactions wait here, in order per (target, lane).

import type { OutboxRow, OutboxStore } from '../../ports/ledger.ts';
import type { Row, Statements } from './statements.ts';

// `state <> 'done'` is said wherever it follows, too: SQLite takes the index of open rows only for these very words.

/** Whether `row` stands behind a parked one of its unit. */
const heldUp = (row: string): string =>
  `EXISTS (SELECT 1 FROM outbox p WHERE p.state <> 'done' AND p.state = 'parked' AND p.target = ${row}.target AND p.lane = ${row}.lane
    AND p.unit = ${row}.unit AND p.id < ${row}.id)`;

/** A waiting row `o` of one target that stands behind nothing; one that is held up holds up nobody else. */
const FREE = `o.state <> 'done' AND o.state = 'waiting' AND o.target = ? AND NOT ${heldUp('o')}
  AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.state <> 'done' AND e.state = 'waiting' AND e.target = o.target AND e.lane = o.lane
    AND e.id < o.id AND NOT ${heldUp('e')})`;

/** The outbox over `sql`. */
export function outboxStore(sql: Statements): OutboxStore {
  return {
    add: (row) =>
      sql.run(
        `INSERT INTO outbox (target, lane, unit, natural_key, effect, created_at, next_at, state) VALUES (?,?,?,?,?,?,?,'waiting') ON CONFLICT DO NOTHING`,
        row.target,
        row.lane,
        row.unit,
        row.naturalKey,
        JSON.stringify(row.effect),
        row.createdAt,
        row.createdAt,
      ).changes === 1,
    due: (target, now, limit) =>
      sql
        .all(
          `SELECT * FROM outbox o WHERE ${FREE} AND (attempts = 0 OR next_at <= ?) ORDER BY id LIMIT ?`,
          target,
          now,
          limit,
        )
        .map(toRow),
    nextAt: (target) => {
      const row = sql.get(
        `SELECT min(CASE attempts WHEN 0 THEN created_at ELSE next_at END) AS at FROM outbox o WHERE ${FREE}`,
        target,
      );
      return (row?.['at'] ?? null) as number | null;
    },
    done: (id) => {
      sql.run("UPDATE outbox SET state = 'done', last_error = NULL WHERE id = ?", id);
    },
    retry: (id, { nextAt, error }) => {
      sql.run('UPDATE outbox SET attempts = attempts + 1, next_at = ?, last_error = ? WHERE id = ?', nextAt, error, id);
    },
    park: (id, error) => {
      sql.run("UPDATE outbox SET state = 'parked', attempts = attempts + 1, last_error = ? WHERE id = ?", error, id);
    },
    hasten: (target, byMs, now) => {
      sql.run(
        "UPDATE outbox SET next_at = max(?, next_at - ?) WHERE state = 'waiting' AND target = ? AND next_at > ?",
        now,
        byMs,
        target,
        now,
      );
    },
    unpark: (target, now) =>
      sql.run("UPDATE outbox SET state = 'waiting', next_at = ? WHERE state = 'parked' AND target = ?", now, target)
        .changes,
    list: (state) =>
      (state === undefined
        ? sql.all("SELECT * FROM outbox WHERE state <> 'done' ORDER BY id")
        : sql.all('SELECT * FROM outbox WHERE state = ? ORDER BY id', state)
      ).map(toRow),
  };
}

function toRow(row: Row): OutboxRow {
  return {
    id: Number(row['id']),
    target: String(row['target']),
    lane: String(row['lane']),
    unit: String(row['unit']),
    naturalKey: String(row['natural_key']),
    effect: JSON.parse(String(row['effect'])) as unknown,
    createdAt: Number(row['created_at']),
    attempts: Number(row['attempts']),
    nextAt: Number(row['next_at']),
    state: row['state'] as OutboxRow['state'],
    lastError: row['last_error'] as string | null,
  };
}
