-- What a creator says of a handle in mails and on pages.
ALTER TABLE handles ADD COLUMN support_email TEXT;
ALTER TABLE handles ADD COLUMN mail_footer TEXT;

-- Where frontends of the creator's own may call from.
CREATE TABLE frontend_origins (
    handle_id TEXT NOT NULL REFERENCES handles (id),
    origin TEXT NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (handle_id, origin)
);
CREATE INDEX frontend_origins_known ON frontend_origins (origin, handle_id);

-- Refresh tokens that were traded: whoever comes with one has a copy.
CREATE TABLE spent_refresh_tokens (
    token BLOB PRIMARY KEY NOT NULL,
    session_id TEXT NOT NULL REFERENCES creator_sessions (id)
);
CREATE INDEX spent_refresh_tokens_of ON spent_refresh_tokens (session_id);
CREATE INDEX creator_sessions_expiry ON creator_sessions (expires_at);

-- A visitor has at most one living gift of a page.
CREATE UNIQUE INDEX purchases_one_gift ON purchases (visitor_id, page_id)
    WHERE granted_as = 'COMPLIMENTARY' AND revoked_at IS NULL;

-- The creator's books.
CREATE INDEX purchases_of_handle ON purchases (handle_id, created_at, id);
CREATE INDEX purchases_sold ON purchases (page_id, created_at, id);
CREATE INDEX purchases_people ON purchases (handle_id, visitor_id);
CREATE INDEX ledger_facts_books ON ledger_facts (handle_id, at);
CREATE INDEX ledger_facts_about ON ledger_facts (page_id, visitor_id, at, id);

-- The handle of the visited page: people are listed by it.
ALTER TABLE visits ADD COLUMN handle_id TEXT;
UPDATE visits SET handle_id = (SELECT pages.handle_id FROM pages WHERE pages.id = visits.page_id);
CREATE INDEX visits_people ON visits (handle_id, visitor_id);

-- The key under which a refund was asked for: the same question gets its receipt, however late.
ALTER TABLE refund_requests ADD COLUMN idempotency_key TEXT;

-- Since when signing in alone does not open a page any more: a visit's access ended then.
ALTER TABLE pages ADD COLUMN closed_at BIGINT;
UPDATE pages SET closed_at = updated_at WHERE mode = 'PAID' OR status <> 'PUBLISHED';
