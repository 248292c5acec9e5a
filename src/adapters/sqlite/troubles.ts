// Counts what went wrong in a window, for all agents at once: one walk over the ends in it.

import type { AgentKey } from '../../core/ids.ts';
import type { Troubles } from '../../ports/ledger.ts';
import type { Statements } from './statements.ts';
import { FAILURE_KINDS } from '../../core/run/outcome.ts';

const FAILED = `outcome_kind IN (${FAILURE_KINDS.map((kind) => `'${kind}'`).join(',')})`;

/** Of every agent with an end in (since, until]. */
export function troubles(sql: Statements, since: number, until: number): ReadonlyMap<AgentKey, Troubles> {
  const rows = sql.all(
    `SELECT agent, sum(${FAILED}) AS failures,
       sum(max(attempts - 1, 0)) + sum(trigger_kind = 'safety' AND outcome_kind NOT IN ('canceled', 'refused')) AS restarts
     FROM runs WHERE ended_at IS NOT NULL AND ended_at > ? AND ended_at <= ? GROUP BY agent`,
    since,
    until,
  );
  return new Map(
    rows.map((row) => [
      row['agent'] as AgentKey,
      { failures: Number(row['failures']), restarts: Number(row['restarts']) },
    ]),
  );
}
