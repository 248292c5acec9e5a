// Runs in SQLite.

import type { Queued } from '../../core/admission/waiting.ts';
import type { AgentKey, ProjectId, RunId } from '../../core/ids.ts';
import { LIVE_STATES } from '../../core/run/lifecycle.ts';
import type { RunState } from '../../core/run/lifecycle.ts';
import type { Run } from '../../core/run/run.ts';
import type { NewRun, RunFilter, RunPatch, RunStore, WindowCounts } from '../../ports/ledger.ts';
import { json, parsed } from './statements.ts';
import type { Row, Statements, Value } from './statements.ts';
import { troubles } from './troubles.ts';
import { FAILURE_KINDS } from '../../core/run/outcome.ts';

/** Added to the sequence so that the first ids have three characters. */
const ID_OFFSET = 32 * 32;
const LIVE = LIVE_STATES.map((state) => `'${state}'`).join(',');

/** The run store over `sql`. */
export function runStore(sql: Statements): RunStore {
  const one = (row: Row | undefined): Run | null => (row === undefined ? null : toRun(row));
  return {
    insert: (run) => insert(sql, run),
    byKey: (key) => one(sql.get('SELECT * FROM runs WHERE dedupe_key = ?', key)),
    get: (id) => one(sql.get('SELECT * FROM runs WHERE id = ?', id)),
    byPrefix: (prefix, limit) =>
      sql
        .all('SELECT * FROM runs WHERE id >= ? AND id < ? ORDER BY seq DESC LIMIT ?', prefix, `${prefix}~`, limit)
        .map(toRun),
    list: (filter) => list(sql, filter),
    ...openRuns(sql),
    update: (id, patch) => update(sql, id, patch),
    remove: (id) => {
      sql.run('DELETE FROM verdicts WHERE run = ?', id);
      sql.run('DELETE FROM facts WHERE run = ?', id);
      sql.run('DELETE FROM runs WHERE id = ?', id);
    },
    waitingCount: (agent) =>
      Number(
        sql.get("SELECT count(*) AS n FROM runs WHERE state <> 'ended' AND state = 'waiting' AND agent = ?", agent)?.[
          'n'
        ] ?? 0,
      ),
    ends: (of, since, until) => ends(sql, of, { since, until }),
    restarts: (agent, since, until) => restarts(sql, agent, { since, until }),
    troubles: (since, until) => troubles(sql, since, until),
    last: (agent) =>
      one(
        sql.get(
          "SELECT * FROM runs WHERE agent = ? AND state = 'ended' AND started_at IS NOT NULL ORDER BY seq DESC LIMIT 1",
          agent,
        ),
      ),
  };
}

type OpenRuns = Pick<RunStore, 'waiting' | 'queue' | 'openOf' | 'live' | 'held'>;

/** What has not ended; few rows by an index of their own, whatever the ledger keeps. */
function openRuns(sql: Statements): OpenRuns {
  return {
    waiting: () => sql.all("SELECT * FROM runs WHERE state <> 'ended' AND state = 'waiting' ORDER BY seq").map(toRun),
    queue: () =>
      sql
        .all(
          `SELECT id, agent, project, trigger_kind, trigger ->> '$.slotAt' AS slot_at, priority, requested_at, not_before, attempts
           FROM runs WHERE state <> 'ended' AND state = 'waiting' ORDER BY seq`,
        )
        .map(toQueued),
    live: () => sql.all(`SELECT * FROM runs WHERE state <> 'ended' AND state IN (${LIVE}) ORDER BY seq`).map(toRun),
    openOf: (agent) =>
      sql
        .all(
          `SELECT * FROM runs WHERE state <> 'ended' AND state IN ('waiting',${LIVE}) AND agent = ? ORDER BY seq`,
          agent,
        )
        .map(toRun),
    held: () =>
      sql
        .all(
          `SELECT agent, project, memory_promised_bytes FROM runs WHERE state <> 'ended' AND state IN (${LIVE}) ORDER BY seq`,
        )
        .map((row) => ({
          agent: row['agent'] as AgentKey,
          project: row['project'] as ProjectId | null,
          memoryPromisedBytes: Number(row['memory_promised_bytes']),
        })),
  };
}

const UNSTARTED = {
  state: 'waiting',
  startedAt: null,
  endedAt: null,
  attempts: 0,
  memoryPromisedBytes: 0,
  outcome: null,
  exit: null,
  cpuMs: null,
  peakMemoryBytes: null,
  enforcement: null,
  usage: null,
} as const;

function insert(sql: Statements, run: NewRun): Run {
  const { lastId } = sql.run(
    `INSERT INTO runs (agent, project, trigger_kind, trigger, state, priority, requested_at, not_before, input, dedupe_key, config_hash)
     VALUES (?,?,?,?,'waiting',?,?,?,?,?,?)`,
    run.agent,
    run.project,
    run.trigger.kind,
    JSON.stringify(run.trigger),
    run.priority,
    run.requestedAt,
    run.notBefore,
    JSON.stringify(run.input),
    run.dedupeKey,
    run.configHash,
  );
  const id = `r${(lastId + ID_OFFSET).toString(32)}` as RunId;
  sql.run('UPDATE runs SET id = ? WHERE seq = ?', id, lastId);
  const { dedupeKey: _key, ...kept } = run;
  return { ...kept, ...UNSTARTED, id };
}

function list(sql: Statements, filter: RunFilter): readonly Run[] {
  const where: string[] = [];
  const values: Value[] = [];
  const add = (clause: string, ...more: readonly Value[]): void => {
    where.push(clause);
    values.push(...more);
  };
  if (filter.agent !== undefined) {
    add('agent = ?', filter.agent);
  }
  if (filter.project !== undefined) {
    add('project = ?', filter.project);
  }
  if (filter.states !== undefined) {
    add(`state IN (${filter.states.map(() => '?').join(',')})`, ...filter.states);
  }
  if (filter.outcome !== undefined) {
    add('outcome_kind = ?', filter.outcome);
  }
  if (filter.endedSince !== undefined) {
    add('ended_at >= ?', filter.endedSince);
  }
  const clause = where.length > 0 ? `WHERE ${where.join(' AND ')}` : '';
  return sql.all(`SELECT * FROM runs ${clause} ORDER BY seq DESC LIMIT ?`, ...values, filter.limit).map(toRun);
}

const COLUMNS: Readonly<Record<keyof RunPatch, string>> = {
  state: 'state',
  notBefore: 'not_before',
  startedAt: 'started_at',
  endedAt: 'ended_at',
  attempts: 'attempts',
  memoryPromisedBytes: 'memory_promised_bytes',
  outcome: 'outcome',
  exit: 'exit',
  cpuMs: 'cpu_ms',
  peakMemoryBytes: 'peak_memory_bytes',
  enforcement: 'enforcement',
  usage: 'usage',
};
const JSON_COLUMNS: ReadonlySet<string> = new Set(['outcome', 'exit', 'enforcement', 'usage']);

function update(sql: Statements, id: RunId, patch: RunPatch): void {
  const keys = (Object.keys(patch) as (keyof RunPatch)[]).filter((key) => patch[key] !== undefined);
  if (keys.length === 0) {
    return;
  }
  const sets = keys.map((key) => `${COLUMNS[key]} = ?`);
  const values = keys.map((key) => (JSON_COLUMNS.has(COLUMNS[key]) ? json(patch[key]) : (patch[key] as Value)));
  if (patch.outcome !== undefined) {
    sets.push('outcome_kind = ?');
    values.push(patch.outcome?.kind ?? null);
  }
  sql.run(`UPDATE runs SET ${sets.join(', ')} WHERE id = ?`, ...values, id);
}

interface Window {
  readonly since: number;
  readonly until: number;
}

function ends(
  sql: Statements,
  of: { readonly agent?: AgentKey; readonly project?: ProjectId },
  window: Window,
): WindowCounts {
  const [column, value] = of.agent === undefined ? ['project', of.project ?? null] : ['agent', of.agent];
  const counts = { succeeded: 0, failed: 0, other: 0 };
  const rows = sql.all(
    `SELECT outcome_kind AS kind, count(*) AS n FROM runs
     WHERE ended_at IS NOT NULL AND ended_at > ? AND ended_at <= ? AND ${column} = ? GROUP BY outcome_kind`,
    window.since,
    window.until,
    value,
  );
  for (const row of rows) {
    const n = Number(row['n']);
    if (row['kind'] === 'succeeded') {
      counts.succeeded += n;
    } else if (FAILURE_KINDS.some((kind) => kind === row['kind'])) {
      counts.failed += n;
    } else {
      counts.other += n;
    }
  }
  return counts;
}

/** Main attempts begun in the window that were not the first of a scheduled wish: retries, and Safety starts after the first ever. */
function restarts(sql: Statements, agent: AgentKey, window: Window): number {
  const retried = sql.get(
    `SELECT count(*) AS n FROM runs r JOIN attempts a ON a.run = r.id
     WHERE r.agent = ? AND a.purpose = 'main' AND a.started_at > ? AND a.started_at <= ? AND a.number > 1`,
    agent,
    window.since,
    window.until,
  );
  const again = sql.get(
    `SELECT count(*) AS n FROM runs r JOIN attempts a ON a.run = r.id
     WHERE r.agent = ? AND r.trigger_kind = 'safety' AND a.purpose = 'main' AND a.number = 1 AND a.started_at > ? AND a.started_at <= ?
       AND r.seq > (SELECT min(seq) FROM runs WHERE agent = ? AND trigger_kind = 'safety')`,
    agent,
    window.since,
    window.until,
    agent,
  );
  return Number(retried?.['n'] ?? 0) + Number(again?.['n'] ?? 0);
}

function toQueued(row: Row): Queued {
  return {
    id: row['id'] as RunId,
    agent: row['agent'] as AgentKey,
    project: row['project'] as ProjectId | null,
    trigger: { kind: row['trigger_kind'] as Run['trigger']['kind'] },
    slotAt: row['slot_at'] as number | null,
    state: 'waiting',
    priority: Number(row['priority']),
    requestedAt: Number(row['requested_at']),
    notBefore: Number(row['not_before']),
    attempts: Number(row['attempts']),
  };
}

function toRun(row: Row): Run {
  return {
    id: row['id'] as RunId,
    agent: row['agent'] as AgentKey,
    project: row['project'] as ProjectId | null,
    trigger: JSON.parse(String(row['trigger'])) as Run['trigger'],
    state: row['state'] as RunState,
    priority: Number(row['priority']),
    requestedAt: Number(row['requested_at']),
    notBefore: Number(row['not_before']),
    startedAt: row['started_at'] as number | null,
    endedAt: row['ended_at'] as number | null,
    attempts: Number(row['attempts']),
    input: JSON.parse(String(row['input'])) as Run['input'],
    memoryPromisedBytes: Number(row['memory_promised_bytes']),
    outcome: parsed(row['outcome']) as Run['outcome'],
    exit: parsed(row['exit']) as Run['exit'],
    cpuMs: row['cpu_ms'] as number | null,
    peakMemoryBytes: row['peak_memory_bytes'] as number | null,
    enforcement: parsed(row['enforcement']) as Run['enforcement'],
    usage: parsed(row['usage']) as Run['usage'],
    configHash: String(row['config_hash']),
  };
}
