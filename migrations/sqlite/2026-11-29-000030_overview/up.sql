-- Published pages are listed and counted, however many drafts there are.
CREATE INDEX pages_with ON pages (handle_id, status, created_at, id);
-- The newest page for sale is found, however many pages are newer. The statuses in reverse order begin with the published one.
CREATE INDEX pages_paid ON pages (handle_id, status, created_at, id) WHERE mode = 'PAID';

-- The pictures that a storefront can show, however many other files there are.
CREATE INDEX files_shown ON files (handle_id, created_at, id) WHERE access = 'PUBLIC' AND media IS NOT NULL;

-- The mails that were given up lately, however many others there are.
CREATE INDEX outbox_dead ON outbox (handle_id, queued_at, id) WHERE status = 'DEAD';
