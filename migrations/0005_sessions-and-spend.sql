-- Where each CLI session stands, and what each attempt used: rows of their own, because sessions and budgets outlive runs.
ALTER TABLE attempts ADD COLUMN session_from TEXT;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  driver TEXT NOT NULL,
  agent TEXT NOT NULL,
  working_dir TEXT NOT NULL,
  begun_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  total TEXT,
  usable INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_used ON sessions (used_at);

CREATE TABLE spend (
  attempt TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  agent TEXT NOT NULL,
  project TEXT,
  provider TEXT,
  model TEXT,
  at INTEGER NOT NULL,
  busy_ms INTEGER NOT NULL,
  input INTEGER,
  cache_read INTEGER,
  cache_write INTEGER,
  output INTEGER,
  reasoning INTEGER,
  list_micro_usd INTEGER,
  price TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX spend_at ON spend (at);
CREATE INDEX spend_of_run ON spend (run);
