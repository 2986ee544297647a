-- When a file got the gate of a page, so that its list stopped opening it. Nobody knows when those of earlier versions did, but it was
-- with their last change at the latest.
ALTER TABLE files ADD COLUMN unlisted_at BIGINT;
UPDATE files SET unlisted_at = updated_at WHERE access = 'PAGE';
