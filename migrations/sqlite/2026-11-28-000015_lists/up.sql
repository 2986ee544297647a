-- The sales to one visitor are read in the order of the list.
DROP INDEX purchases_people;
CREATE INDEX purchases_people ON purchases (visitor_id, handle_id, created_at, id);
-- So are those of a page to one visitor, and the places of one address on a list: an index that has the order alone walks
-- everything that was sold, or everybody who is listed.
DROP INDEX purchases_of_page;
CREATE INDEX purchases_of_page ON purchases (page_id, visitor_id, created_at, id);
DROP INDEX file_allowlist_who;
CREATE INDEX file_allowlist_who ON file_allowlist (file_id, email, added_at, id);
-- The mails to addresses that start alike are found without walking all mails about the handle.
CREATE INDEX outbox_of_recipient ON outbox (handle_id, recipient, queued_at, id);
-- Mails whose contents are still kept.
CREATE INDEX outbox_contents ON outbox (sent_at) WHERE length(sealed) > 0;
-- Housekeeping finds sessions that were ended, and a page that goes is compared with its visits.
CREATE INDEX visitor_sessions_revoked ON visitor_sessions (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX visits_of_page ON visits (page_id);
-- The list that an operator reads.
CREATE INDEX creators_newest ON creators (created_at, id);
