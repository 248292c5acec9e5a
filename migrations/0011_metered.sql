-- What a meter saw of an attempt: requests, and those of them of which not all tokens are known. NULL: there was no meter.
ALTER TABLE spend ADD COLUMN metered INTEGER;
ALTER TABLE spend ADD COLUMN uncounted INTEGER;
