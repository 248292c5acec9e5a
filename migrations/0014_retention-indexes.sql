-- What retention looks for, found without reading the whole table.
CREATE INDEX facts_without_run ON facts (at) WHERE run IS NULL;
CREATE INDEX slots_without_run ON slots (to_at) WHERE run IS NULL;
CREATE INDEX outbox_done ON outbox (created_at) WHERE state = 'done';
