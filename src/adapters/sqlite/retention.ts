// Takes away what is older than retention allows, a few rows at a time, so that nobody waits for the loop.

import type { Ledger } from '../../ports/ledger.ts';
import type { Statements } from './statements.ts';

/** Rows of one kind taken away in one go. */
const BATCH = 500;

/** Ended runs before an instant; one whose workspace is still there stays, for else nobody would know of it. */
export const OLD_RUNS = `SELECT id FROM runs WHERE ended_at IS NOT NULL AND ended_at < ? AND state = 'ended'
  AND NOT EXISTS (SELECT 1 FROM workspaces WHERE run = runs.id AND state <> 'gone') LIMIT ?`;

/** What goes with a run. */
export const OF_RUN: readonly string[] = [
  'DELETE FROM attempts WHERE run = ?',
  'DELETE FROM verdicts WHERE run = ?',
  'DELETE FROM facts WHERE run = ?',
  'DELETE FROM slots WHERE run = ?',
  'DELETE FROM workspaces WHERE run = ?',
  'DELETE FROM runs WHERE id = ?',
];

/** What belongs to no run and is older than an instant, each by an index; the second value is how much of it goes. */
export const WITHOUT_RUN: readonly string[] = [
  'DELETE FROM slots WHERE id IN (SELECT id FROM slots WHERE run IS NULL AND to_at < ? LIMIT ?)',
  'DELETE FROM facts WHERE seq IN (SELECT seq FROM facts WHERE run IS NULL AND at < ? LIMIT ?)',
  'DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE used_at < ? LIMIT ?)',
  'DELETE FROM spend WHERE attempt IN (SELECT attempt FROM spend WHERE at < ? LIMIT ?)',
  'DELETE FROM alerts WHERE seq IN (SELECT seq FROM alerts WHERE closed_at < ? LIMIT ?)',
  "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state = 'done' AND created_at < ? LIMIT ?)",
];

/** One batch of what is older than `before` (epoch ms); how many rows went, 0: nothing is left to take. */
export function prune(sql: Statements, transact: Ledger['transact'], before: number): number {
  return transact(() => {
    const runs = sql.all(OLD_RUNS, before, BATCH).map((row) => String(row['id']));
    runs.forEach((id) => OF_RUN.forEach((text) => sql.run(text, id)));
    return WITHOUT_RUN.reduce((removed, text) => removed + sql.run(text, before, BATCH).changes, runs.length);
  });
}
