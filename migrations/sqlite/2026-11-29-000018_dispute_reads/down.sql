ALTER TABLE disputes DROP COLUMN read_at;
