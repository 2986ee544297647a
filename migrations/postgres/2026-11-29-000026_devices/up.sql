-- The kind of device that a session began on, such as "Firefox on Linux"; NULL for sessions from before.
ALTER TABLE visitor_sessions ADD COLUMN device TEXT COLLATE "C";
ALTER TABLE creator_sessions ADD COLUMN device TEXT COLLATE "C";
