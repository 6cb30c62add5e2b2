-- Pictures of nouns, such as the logo of an application; never part of a noun's JSON.
CREATE TABLE IF NOT EXISTS picture (owner TEXT PRIMARY KEY, value BYTES NOT NULL);
