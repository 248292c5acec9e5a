-- Whether somebody is billed for an attempt, or a plan with a fixed price covers it. NULL: not known.
ALTER TABLE spend ADD COLUMN billing TEXT;
