-- Requests for proof that are answered elsewhere than at the door. Short-lived, not in the feed.
CREATE TABLE IF NOT EXISTS challenge (id TEXT PRIMARY KEY, sign_in TEXT NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL, created BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS challenge_sign_in ON challenge (sign_in);
CREATE INDEX IF NOT EXISTS challenge_owner ON challenge (owner, created);
CREATE INDEX IF NOT EXISTS challenge_created ON challenge (created);
