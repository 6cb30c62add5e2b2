-- The directory. Every noun has the same shape: a folded unique key, folded text to search, its state, a version
-- that rises with every update, and the noun itself as JSON.
CREATE TABLE org (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE app_user (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE app_group (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE device (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE enrollment_token (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE binding (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE application (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE factor (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE command (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE run (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE api_token (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);

-- Edges between nouns, by the two ids they join.
CREATE TABLE edge (kind TEXT NOT NULL, left_id TEXT NOT NULL, right_id TEXT NOT NULL, PRIMARY KEY (left_id, kind, right_id));
CREATE INDEX edge_right ON edge (right_id, kind, left_id);

-- Secrets of nouns, sealed or hashed; never part of a noun's JSON.
CREATE TABLE secret (owner TEXT NOT NULL, purpose TEXT NOT NULL, value BYTES NOT NULL, PRIMARY KEY (owner, purpose));

-- Lookups of a noun by something that is not its key, such as the hash of a bearer secret or a Duo id.
CREATE TABLE alias (kind TEXT NOT NULL, value TEXT NOT NULL, owner TEXT NOT NULL, PRIMARY KEY (kind, value));
CREATE INDEX alias_owner ON alias (owner, kind);

-- The feed.
CREATE TABLE feed_head (id BIGINT PRIMARY KEY, seq BIGINT NOT NULL);
INSERT INTO feed_head (id, seq) VALUES (1, 0);
CREATE TABLE change (seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, noun TEXT NOT NULL, subject TEXT NOT NULL, search TEXT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX change_subject ON change (subject, seq);
CREATE TABLE feed_cursor (projection TEXT PRIMARY KEY, seq BIGINT NOT NULL);

-- Short-lived state: durable, not in the feed.
CREATE TABLE session (hash TEXT PRIMARY KEY, owner TEXT NOT NULL, expires BIGINT NOT NULL, seen BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX session_owner ON session (owner);
CREATE INDEX session_expires ON session (expires);
CREATE TABLE sign_in (id TEXT PRIMARY KEY, owner TEXT NOT NULL, handle TEXT NOT NULL, state TEXT NOT NULL, search TEXT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX sign_in_owner ON sign_in (owner, id);
CREATE INDEX sign_in_handle ON sign_in (handle);
CREATE TABLE throttle (bucket TEXT PRIMARY KEY, failures BIGINT NOT NULL, since BIGINT NOT NULL, until BIGINT NOT NULL);
CREATE TABLE once (kind TEXT NOT NULL, hash TEXT NOT NULL, owner TEXT NOT NULL, expires BIGINT NOT NULL, used BIGINT, doc TEXT NOT NULL, PRIMARY KEY (kind, hash));
CREATE INDEX once_owner ON once (owner, kind);
CREATE TABLE counter (owner TEXT NOT NULL, kind TEXT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (owner, kind));
CREATE TABLE device_status (device TEXT PRIMARY KEY, seen BIGINT NOT NULL, epoch BIGINT NOT NULL, n BIGINT NOT NULL, digest TEXT NOT NULL, report TEXT, inventory TEXT);
CREATE TABLE run_event (run TEXT NOT NULL, seq BIGINT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (run, seq));
