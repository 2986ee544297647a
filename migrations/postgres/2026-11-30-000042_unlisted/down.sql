ALTER TABLE files DROP COLUMN unlisted_at;
