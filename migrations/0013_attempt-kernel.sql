-- What the kernel counted of an attempt, as JSON: the proof of its end by a limit. NULL: it has not ended, or nothing counted.
ALTER TABLE attempts ADD COLUMN kernel TEXT;
