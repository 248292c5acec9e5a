-- Alerts, what was said and done about them, and what their explanations cost.

CREATE TABLE alerts (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  rule TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  severity TEXT NOT NULL,
  state TEXT NOT NULL,
  text TEXT NOT NULL,
  numbers TEXT NOT NULL,
  command TEXT NOT NULL,
  runs TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  clear_since INTEGER,
  closed_at INTEGER,
  ended TEXT,
  by TEXT,
  reason TEXT,
  ask_at INTEGER,
  ask_failures INTEGER NOT NULL DEFAULT 0
) STRICT;
-- One condition is one alert, however often it is seen.
CREATE UNIQUE INDEX alerts_active ON alerts (rule, subject_kind, subject) WHERE closed_at IS NULL;
CREATE INDEX alerts_asking ON alerts (ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX alerts_closed ON alerts (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE alert_pending (
  rule TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (rule, subject_kind, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  alert INTEGER NOT NULL REFERENCES alerts (seq) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  author TEXT NOT NULL,
  by TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX alert_messages_of ON alert_messages (alert, id);

CREATE TABLE alert_suggestions (
  alert INTEGER NOT NULL REFERENCES alerts (seq) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  why TEXT NOT NULL,
  state TEXT NOT NULL,
  at INTEGER NOT NULL,
  by TEXT,
  result TEXT,
  PRIMARY KEY (alert, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_suggestions_by ON alert_suggestions (by, at) WHERE by IS NOT NULL;

CREATE TABLE model_tokens (
  day TEXT PRIMARY KEY,
  tokens INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
