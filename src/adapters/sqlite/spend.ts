// What attempts used, in SQLite.

import type { Spend, SpendRow, SpendScope } from '../../core/budget/spend.ts';
import type { TokenCounts } from '../../core/budget/tokens.ts';
import type { AgentKey, AttemptId, ProjectId, RunId } from '../../core/ids.ts';
import type { SpendStore } from '../../ports/spend-store.ts';
import type { Row, Statements } from './statements.ts';

const WHERE: Readonly<Record<SpendScope['kind'], string>> = {
  fleet: '',
  agent: 'AND agent = ?',
  project: 'AND project = ?',
  provider: 'AND provider = ?',
};
const TOKENS =
  'COALESCE(input, 0) + COALESCE(cache_read, 0) + COALESCE(cache_write, 0) + COALESCE(output, 0) + COALESCE(reasoning, 0)';
const UNCOUNTED =
  'input IS NULL AND cache_read IS NULL AND cache_write IS NULL AND output IS NULL AND reasoning IS NULL';

/** The spend store over `sql`. */
export function spendStore(sql: Statements): SpendStore {
  return {
    insert: (row) => {
      sql.run(
        `INSERT INTO spend (attempt, run, agent, project, provider, model, at, busy_ms, input, cache_read, cache_write, output,
           reasoning, list_micro_usd, price, billing, metered, uncounted) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (attempt) DO NOTHING`,
        row.attempt,
        row.run,
        row.agent,
        row.project,
        row.provider,
        row.model,
        row.at,
        Math.round(row.busyMs),
        row.usage?.input ?? null,
        row.usage?.cacheRead ?? null,
        row.usage?.cacheWrite ?? null,
        row.usage?.output ?? null,
        row.usage?.reasoning ?? null,
        row.listMicroUsd,
        row.price,
        row.billing,
        row.metered?.requests ?? null,
        row.metered?.uncounted ?? null,
      );
    },
    ofRun: (run) => sql.all('SELECT * FROM spend WHERE run = ? ORDER BY at, attempt', run).map(toRow),
    sum: (scope, since, until) => {
      const names = scope.kind === 'fleet' ? [] : [scope.name];
      const row = sql.get(
        `SELECT COUNT(DISTINCT run) AS runs, SUM(busy_ms) AS busy, SUM(${TOKENS}) AS tokens, SUM(list_micro_usd) AS cost,
           SUM(CASE WHEN billing = 'subscription' THEN list_micro_usd END) AS subscription,
           COUNT(DISTINCT CASE WHEN list_micro_usd IS NULL THEN run END) AS unpriced,
           COUNT(DISTINCT CASE WHEN ${UNCOUNTED} THEN run END) AS uncounted
         FROM spend WHERE at >= ? AND at < ? ${WHERE[scope.kind]}`,
        since,
        until,
        ...names,
      );
      return toSpend(row ?? {});
    },
  };
}

function toSpend(row: Row): Spend {
  return {
    runs: Number(row['runs'] ?? 0),
    busyMs: Number(row['busy'] ?? 0),
    tokens: Number(row['tokens'] ?? 0),
    microUsd: Number(row['cost'] ?? 0),
    subscriptionMicroUsd: Number(row['subscription'] ?? 0),
    unpricedRuns: Number(row['unpriced'] ?? 0),
    uncountedRuns: Number(row['uncounted'] ?? 0),
  };
}

function toRow(row: Row): SpendRow {
  const usage: TokenCounts = {
    input: row['input'] as number | null,
    cacheRead: row['cache_read'] as number | null,
    cacheWrite: row['cache_write'] as number | null,
    output: row['output'] as number | null,
    reasoning: row['reasoning'] as number | null,
  };
  return {
    attempt: row['attempt'] as AttemptId,
    run: row['run'] as RunId,
    agent: row['agent'] as AgentKey,
    project: row['project'] as ProjectId | null,
    provider: row['provider'] as string | null,
    model: row['model'] as string | null,
    at: Number(row['at']),
    busyMs: Number(row['busy_ms']),
    usage: Object.values(usage).every((count) => count === null) ? null : usage,
    listMicroUsd: row['list_micro_usd'] as number | null,
    price: row['price'] as SpendRow['price'],
    billing: row['billing'] as SpendRow['billing'],
    metered: row['metered'] === null ? null : { requests: Number(row['metered']), uncounted: Number(row['uncounted']) },
  };
}
