-- Applications that were reached from a session and want to be told when it ends. `due`: when to tell them, in microseconds; 0
-- while the session goes on.
CREATE TABLE IF NOT EXISTS participant (session TEXT NOT NULL, application TEXT NOT NULL, owner TEXT NOT NULL, expires BIGINT NOT NULL, due BIGINT NOT NULL, tries BIGINT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (session, application));
CREATE INDEX IF NOT EXISTS participant_owner ON participant (owner);
CREATE INDEX IF NOT EXISTS participant_due ON participant (due);
