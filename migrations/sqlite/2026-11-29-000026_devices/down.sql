ALTER TABLE creator_sessions DROP COLUMN device;
ALTER TABLE visitor_sessions DROP COLUMN device;
