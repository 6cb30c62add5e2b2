-- Resets that were asked for, a noun like the others.
CREATE TABLE IF NOT EXISTS reset (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS reset_state ON reset (state, key);
