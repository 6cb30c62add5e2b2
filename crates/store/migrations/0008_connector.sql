-- Connectors, a noun like the others; and what they know of the other system: who is who there, who is to be looked at
-- again, how each stands, and what its runs did. The latter are not in the feed.
CREATE TABLE IF NOT EXISTS connector (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS connector_link (connector TEXT NOT NULL, subject TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (connector, subject));
CREATE TABLE IF NOT EXISTS connector_dirty (connector TEXT NOT NULL, subject TEXT NOT NULL, seq BIGINT NOT NULL, PRIMARY KEY (connector, subject));
CREATE TABLE IF NOT EXISTS connector_standing (connector TEXT PRIMARY KEY, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS export_run (id TEXT PRIMARY KEY, connector TEXT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS export_run_connector ON export_run (connector, id);
CREATE TABLE IF NOT EXISTS export_step (run TEXT NOT NULL, n BIGINT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (run, n));
