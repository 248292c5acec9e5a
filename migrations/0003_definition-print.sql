-- What a run that is kept alive was started with: digests by field, JSON. NULL: not kept alive, or started before this.
ALTER TABLE attempts ADD COLUMN definition TEXT;
