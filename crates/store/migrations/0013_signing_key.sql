-- Keys of the organisation for what it states to applications; the private halves rest sealed in `secret`.
CREATE TABLE IF NOT EXISTS signing_key (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
