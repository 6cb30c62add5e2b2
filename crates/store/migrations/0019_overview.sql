-- What the sign-in log comes to, a row for each quarter of an hour in which anybody signed in, by its beginning. Not in the feed;
-- made anew from the log where it is missing.
CREATE TABLE IF NOT EXISTS sign_in_tally (since BIGINT PRIMARY KEY, doc TEXT NOT NULL);
-- How each device stands to what it should be, as it said last: which state it should have and which it speaks of, and what
-- differs (`drift` holds a bit for each kind), since when. Follows from `device_status`, whose rows are too wide to be counted.
CREATE TABLE IF NOT EXISTS device_standing (device TEXT PRIMARY KEY, drift BIGINT NOT NULL, since BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS device_standing_drift ON device_standing (drift, since);
CREATE INDEX IF NOT EXISTS device_status_seen ON device_status (seen);
