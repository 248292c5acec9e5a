// Gives a ledger a past: ended runs with their attempts and last facts, written by SQL in one go.
//
// Usage: fill-ledger.ts LEDGER_FILE RUNS

import Database from 'better-sqlite3';
import { testLedger } from '../support/ledger.ts';

/** The past ends this long ago, one run each second before. */
const AGO_MS = 3_600_000;

const [path = '', count = '0'] = process.argv.slice(2);
const runs = Number(count);
const now = Date.now() - AGO_MS;

// Made by the ledger itself, so that the schema is the one in force.
testLedger({ path, pid: process.pid }).close();
const db = new Database(path);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = OFF');
db.pragma('cache_size = -200000');
const SERIES = 'WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < @runs)';
const OUTCOME = `'{"kind":"succeeded"}'`;
const EXIT = `'{"code":0,"signal":null}'`;
db.transaction(() => {
  db.prepare(
    `${SERIES} INSERT INTO runs (id, agent, project, trigger_kind, trigger, state, priority, requested_at, not_before, started_at,
       ended_at, attempts, input, outcome_kind, outcome, exit, cpu_ms, peak_memory_bytes, config_hash, dedupe_key)
     SELECT 'rx' || printf('%07x', n), CASE n % 10 WHEN 0 THEN 'bench/bench' ELSE 'bench/past-' || (n % 10) END, 'bench', 'operator',
       '{"kind":"operator"}', 'ended', 0, @now - (@runs - n) * 1000, @now - (@runs - n) * 1000, @now - (@runs - n) * 1000,
       @now - (@runs - n) * 1000 + 50, 1, '{}', 'succeeded', ${OUTCOME}, ${EXIT}, 1.0, 1000000, 'past', 'past ' || n FROM series`,
  ).run({ runs, now });
  db.prepare(
    `${SERIES} INSERT INTO attempts (id, run, number, purpose, state, intended_at, started_at, ended_at, boot_id, out_path, limits,
       stop_plans, outcome, exit)
     SELECT 'rx' || printf('%07x', n) || '.1', 'rx' || printf('%07x', n), 1, 'main', 'ended', @now, @now, @now, 'past', 'out/past',
       '{}', '{}', ${OUTCOME}, ${EXIT} FROM series`,
  ).run({ runs, now });
  db.prepare(
    `${SERIES} INSERT INTO facts (at, mono, actor, config_hash, kind, run, agent, project, body)
     SELECT @now, 0.5, 'host', 'past', 'run.ended', 'rx' || printf('%07x', n), 'bench/bench', 'bench',
       '{"kind":"run.ended","outcome":{"kind":"succeeded"}}' FROM series`,
  ).run({ runs, now });
})();
db.pragma('wal_checkpoint(TRUNCATE)');
db.close();
