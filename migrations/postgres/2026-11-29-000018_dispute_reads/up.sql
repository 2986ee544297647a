-- When the answer was asked for that a row was last read from, so that an older one never replaces it.
ALTER TABLE disputes ADD COLUMN read_at BIGINT NOT NULL DEFAULT 0;
