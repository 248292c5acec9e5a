// Facts in SQLite: appended, never changed.

import type { Fact, RecordedFact } from '../../core/run/facts.ts';
import type { FactStore } from '../../ports/ledger.ts';
import type { Row, Statements } from './statements.ts';

/** The fact store over `sql`. */
export function factStore(sql: Statements): FactStore {
  return {
    append: (fact, stamp) => {
      const { run, attempt, agent, project, ...body } = fact;
      const { lastId } = sql.run(
        'INSERT INTO facts (at, mono, actor, config_hash, kind, run, attempt, agent, project, body) VALUES (?,?,?,?,?,?,?,?,?,?)',
        stamp.at,
        stamp.mono,
        stamp.actor,
        stamp.configHash,
        fact.kind,
        run ?? null,
        attempt ?? null,
        agent ?? null,
        project ?? null,
        JSON.stringify(body),
      );
      return { ...fact, ...stamp, seq: lastId };
    },
    ofRun: (run) => sql.all('SELECT * FROM facts WHERE run = ? ORDER BY seq', run).map(toFact),
    latest: (limit, kinds) =>
      kinds === undefined
        ? sql.all('SELECT * FROM facts ORDER BY seq DESC LIMIT ?', limit).map(toFact)
        : sql
            .all(
              `SELECT * FROM facts WHERE kind IN (${kinds.map(() => '?').join(',')}) ORDER BY seq DESC LIMIT ?`,
              ...kinds,
              limit,
            )
            .map(toFact),
  };
}

function toFact(row: Row): RecordedFact {
  const subject = Object.fromEntries(
    ['run', 'attempt', 'agent', 'project'].filter((key) => row[key] !== null).map((key) => [key, row[key]]),
  );
  return {
    ...(JSON.parse(String(row['body'])) as Fact),
    ...subject,
    seq: Number(row['seq']),
    at: Number(row['at']),
    mono: Number(row['mono']),
    actor: row['actor'] as RecordedFact['actor'],
    configHash: String(row['config_hash']),
  };
}
