ALTER TABLE creators DROP COLUMN suspended_at;
