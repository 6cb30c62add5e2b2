-- What was texted and called: to whom, why, and what it was counted as. Not in the feed; swept after a year.
CREATE TABLE IF NOT EXISTS telephony (id TEXT PRIMARY KEY, price BIGINT NOT NULL, search TEXT NOT NULL, doc TEXT NOT NULL);
