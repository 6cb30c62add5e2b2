-- What others are told of. Webhooks and event streams are nouns like the others. What happens besides changes waits in
-- event_new, put there by the transaction in which it happens; from there and from the feed it goes to its place among
-- events, of which there is one order. Of a change the event holds the place in the feed alone. Each reader has its own place.
CREATE TABLE IF NOT EXISTS webhook (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event_stream (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, search TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event_new (id TEXT PRIMARY KEY, at BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event_head (id BIGINT PRIMARY KEY, seq BIGINT NOT NULL);
INSERT INTO event_head (id, seq) VALUES (1, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS event (seq BIGINT PRIMARY KEY, id TEXT NOT NULL, at BIGINT NOT NULL, place BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event_reader (id TEXT PRIMARY KEY, seq BIGINT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (webhook TEXT NOT NULL, event TEXT NOT NULL, seq BIGINT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL, due BIGINT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (webhook, event));
CREATE INDEX IF NOT EXISTS delivery_subject ON delivery (webhook, state, subject, seq);
-- Everybody's sessions are listed, the last used first.
CREATE INDEX IF NOT EXISTS session_seen ON session (seen, hash);
