DROP INDEX outbox_dead;
DROP INDEX files_shown;
DROP INDEX pages_paid;
DROP INDEX pages_with;
ALTER TABLE pages ALTER COLUMN status TYPE TEXT COLLATE "default";
