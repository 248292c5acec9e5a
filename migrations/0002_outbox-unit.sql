-- A parked reaction holds up only what belongs to the same incident.
ALTER TABLE outbox ADD COLUMN unit TEXT NOT NULL DEFAULT '';
