-- The ledger: facts and the state that they led to. Instants are epoch ms, JSON columns are TEXT.

CREATE TABLE facts (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  mono REAL NOT NULL,
  actor TEXT NOT NULL,
  config_hash TEXT NOT NULL,
  kind TEXT NOT NULL,
  run TEXT,
  attempt TEXT,
  agent TEXT,
  project TEXT,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX facts_of_run ON facts (run, seq) WHERE run IS NOT NULL;

CREATE TABLE runs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT UNIQUE,
  agent TEXT NOT NULL,
  project TEXT,
  trigger_kind TEXT NOT NULL,
  trigger TEXT NOT NULL,
  state TEXT NOT NULL,
  priority INTEGER NOT NULL,
  requested_at INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  input TEXT NOT NULL,
  memory_promised_bytes INTEGER NOT NULL DEFAULT 0,
  dedupe_key TEXT,
  outcome_kind TEXT,
  outcome TEXT,
  exit TEXT,
  cpu_ms REAL,
  peak_memory_bytes INTEGER,
  enforcement TEXT,
  usage TEXT,
  config_hash TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX runs_dedupe ON runs (dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE INDEX runs_open ON runs (state, agent) WHERE state <> 'ended';
CREATE INDEX runs_of_agent ON runs (agent, seq);
CREATE INDEX runs_ended ON runs (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE attempts (
  id TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  number INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  state TEXT NOT NULL,
  intended_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  identity TEXT,
  boot_id TEXT NOT NULL,
  out_path TEXT NOT NULL,
  err_path TEXT,
  session_id TEXT,
  limits TEXT NOT NULL,
  stop_plans TEXT NOT NULL,
  stop TEXT,
  outcome TEXT,
  exit TEXT,
  note TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_of_run ON attempts (run);
CREATE INDEX attempts_open ON attempts (state) WHERE state <> 'ended';

CREATE TABLE slots (
  id INTEGER PRIMARY KEY,
  agent TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  codes TEXT NOT NULL,
  reasons TEXT NOT NULL,
  run TEXT
) STRICT;
CREATE UNIQUE INDEX slots_once ON slots (agent, epoch, from_at);
CREATE UNIQUE INDEX slots_of_run ON slots (run) WHERE run IS NOT NULL;

CREATE TABLE verdicts (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL,
  decision TEXT NOT NULL,
  codes TEXT NOT NULL,
  reasons TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  count INTEGER NOT NULL
) STRICT;
CREATE INDEX verdicts_of_run ON verdicts (run, id);

CREATE TABLE states (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  target TEXT NOT NULL,
  lane TEXT NOT NULL,
  natural_key TEXT NOT NULL UNIQUE,
  effect TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  last_error TEXT
) STRICT;
CREATE INDEX outbox_open ON outbox (target, lane, id) WHERE state <> 'done';

CREATE TABLE issues (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  project TEXT,
  marker TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL,
  labels TEXT NOT NULL,
  assignees TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE issue_comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  issue INTEGER NOT NULL REFERENCES issues (number),
  marker TEXT,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX issue_comments_once ON issue_comments (issue, marker) WHERE marker IS NOT NULL;
CREATE INDEX issue_comments_of ON issue_comments (issue, id);

CREATE TABLE lease (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  fence INTEGER NOT NULL,
  holder TEXT
) STRICT;
INSERT INTO lease (only, fence, holder) VALUES (1, 0, NULL);
