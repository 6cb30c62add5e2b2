-- Changes are asked for by when they were made, not only by their place.
CREATE INDEX IF NOT EXISTS change_at ON change (at, seq);
