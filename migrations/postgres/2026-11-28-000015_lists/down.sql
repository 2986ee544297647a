DROP INDEX creators_newest;
DROP INDEX visits_of_page;
DROP INDEX visitor_sessions_revoked;
DROP INDEX outbox_contents;
DROP INDEX outbox_of_recipient;
DROP INDEX purchases_people;
CREATE INDEX purchases_people ON purchases (visitor_id, handle_id);
ALTER TABLE outbox ALTER COLUMN recipient TYPE TEXT COLLATE "default";
