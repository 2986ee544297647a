ALTER TABLE visitor_sessions DROP COLUMN frontend;
DROP TABLE mail_stops;
ALTER TABLE spent_refresh_tokens DROP COLUMN spent_at;
