-- A visitor for each address on an allowlist, so that a handle's people do not tell who was a visitor before.
INSERT INTO visitors (id, email, created_at)
    SELECT 'vis_' || floor(random() * 8)::int || substr(replace(gen_random_uuid()::text, '-', ''), 1, 25),
           email, min(added_at)
    FROM file_allowlist
    WHERE removed_at IS NULL AND email NOT IN (SELECT email FROM visitors)
    GROUP BY email;
-- When a refresh token was replaced, so that it can be exchanged again for a moment.
ALTER TABLE spent_refresh_tokens ADD COLUMN spent_at BIGINT NOT NULL DEFAULT 0;
-- Recipients who do not want mails that the creator of a handle causes.
CREATE TABLE mail_stops (
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    email TEXT COLLATE "C" NOT NULL,
    stopped_at BIGINT NOT NULL,
    PRIMARY KEY (handle_id, email)
);
-- The creator's frontend on which a session began.
ALTER TABLE visitor_sessions ADD COLUMN frontend TEXT COLLATE "C";
