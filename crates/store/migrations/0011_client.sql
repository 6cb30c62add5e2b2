-- Clients that asked for protected applications lately, as they name themselves. Not in the feed; swept after a month.
CREATE TABLE IF NOT EXISTS client (application TEXT NOT NULL, name TEXT NOT NULL, host TEXT NOT NULL, seen BIGINT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (application, name, host));
CREATE INDEX IF NOT EXISTS client_seen ON client (seen);
