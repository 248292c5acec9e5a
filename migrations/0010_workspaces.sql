-- Folders of their own that runs work in: written before they are made, kept until they are gone.
CREATE TABLE workspaces (
  run TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  home TEXT NOT NULL,
  path TEXT NOT NULL,
  branch TEXT,
  user TEXT,
  state TEXT NOT NULL,
  bytes INTEGER,
  failures INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX workspaces_there ON workspaces (state) WHERE state <> 'gone';
