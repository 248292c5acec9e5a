-- The model account that an attempt used: what it proves, and what it costs, is that account's.
ALTER TABLE attempts ADD COLUMN provider TEXT;
