-- Access rules, a noun like the others.
CREATE TABLE IF NOT EXISTS access_rule (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
