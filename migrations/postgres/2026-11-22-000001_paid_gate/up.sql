-- Ids are text, instants are microseconds since 1970 (UTC), money is minor units.
-- Ids compare byte by byte, as in Rust and SQLite, whatever the locale: lists are paged by them.
CREATE TABLE visitors (
    id TEXT COLLATE "C" PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE magic_links (
    id TEXT COLLATE "C" PRIMARY KEY,
    token BYTEA NOT NULL UNIQUE,
    code_fingerprint BYTEA NOT NULL,
    email TEXT NOT NULL,
    return_to TEXT,
    attempts INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX magic_links_newest ON magic_links (email, created_at, id);
CREATE INDEX magic_links_expiry ON magic_links (expires_at);

CREATE TABLE visitor_sessions (
    id TEXT COLLATE "C" PRIMARY KEY,
    token BYTEA NOT NULL UNIQUE,
    visitor_id TEXT COLLATE "C" NOT NULL REFERENCES visitors (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX visitor_sessions_of ON visitor_sessions (visitor_id, created_at);
CREATE INDEX visitor_sessions_expiry ON visitor_sessions (expires_at);

CREATE TABLE creators (
    id TEXT COLLATE "C" PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE creator_sessions (
    id TEXT COLLATE "C" PRIMARY KEY,
    creator_id TEXT COLLATE "C" NOT NULL REFERENCES creators (id),
    token BYTEA NOT NULL UNIQUE,
    previous_token BYTEA,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX creator_sessions_previous ON creator_sessions (previous_token);
CREATE INDEX creator_sessions_of ON creator_sessions (creator_id);

CREATE TABLE handles (
    id TEXT COLLATE "C" PRIMARY KEY,
    creator_id TEXT COLLATE "C" NOT NULL REFERENCES creators (id),
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX handles_of ON handles (creator_id, created_at, id);

CREATE TABLE pages (
    id TEXT COLLATE "C" PRIMARY KEY,
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    teaser TEXT NOT NULL,
    body TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('PUBLIC', 'FREE_WITH_LOGIN', 'PAID')),
    price_amount BIGINT,
    price_currency TEXT,
    status TEXT NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'ARCHIVED')),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (handle_id, slug),
    CHECK ((price_amount IS NULL) = (price_currency IS NULL)),
    CHECK (mode <> 'PAID' OR price_amount > 0)
);
CREATE INDEX pages_of ON pages (handle_id, created_at, id);

CREATE TABLE visits (
    visitor_id TEXT COLLATE "C" NOT NULL REFERENCES visitors (id),
    page_id TEXT COLLATE "C" NOT NULL REFERENCES pages (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (visitor_id, page_id)
);
CREATE INDEX visits_history ON visits (visitor_id, at, page_id);

CREATE TABLE connected_accounts (
    account TEXT PRIMARY KEY,
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    -- The handle while the account is connected: a handle has at most one.
    live_handle_id TEXT COLLATE "C" UNIQUE,
    charges_enabled BOOLEAN NOT NULL,
    payouts_enabled BOOLEAN NOT NULL,
    details_submitted BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX connected_accounts_of ON connected_accounts (handle_id);

CREATE TABLE checkout_orders (
    id TEXT COLLATE "C" PRIMARY KEY,
    visitor_id TEXT COLLATE "C" NOT NULL REFERENCES visitors (id),
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    page_id TEXT COLLATE "C" NOT NULL REFERENCES pages (id),
    account TEXT NOT NULL,
    title TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    fee BIGINT NOT NULL CHECK (fee >= 0),
    customer_email TEXT NOT NULL,
    success_url TEXT,
    cancel_url TEXT,
    status TEXT NOT NULL,
    -- Visitor and page while the order is live: a visitor has at most one for a page.
    live_key TEXT UNIQUE,
    session TEXT UNIQUE,
    url TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX checkout_orders_of_page ON checkout_orders (page_id, status);

CREATE TABLE purchases (
    id TEXT COLLATE "C" PRIMARY KEY,
    visitor_id TEXT COLLATE "C" NOT NULL REFERENCES visitors (id),
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    page_id TEXT COLLATE "C" NOT NULL REFERENCES pages (id),
    created_at BIGINT NOT NULL,
    checkout_id TEXT COLLATE "C" UNIQUE REFERENCES checkout_orders (id),
    amount BIGINT,
    currency TEXT,
    account TEXT,
    session TEXT UNIQUE,
    payment_intent TEXT,
    granted_as TEXT NOT NULL CHECK (granted_as IN ('PURCHASE', 'GROUP_BUY', 'COMPLIMENTARY')),
    grant_type TEXT NOT NULL
        CHECK (grant_type IN ('PURCHASE', 'GROUP_BUY', 'COMPLIMENTARY', 'REFUNDED')),
    refunded BIGINT NOT NULL CHECK (refunded >= 0),
    refund_reserved BIGINT NOT NULL CHECK (refund_reserved >= 0),
    suspended_at BIGINT,
    revoked_at BIGINT,
    UNIQUE (account, payment_intent)
);
CREATE INDEX purchases_of_page ON purchases (page_id, visitor_id);
CREATE INDEX purchases_history ON purchases (visitor_id, created_at, id);

CREATE TABLE ledger_facts (
    id TEXT COLLATE "C" PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    purchase_id TEXT COLLATE "C" REFERENCES purchases (id),
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    page_id TEXT COLLATE "C" NOT NULL REFERENCES pages (id),
    visitor_id TEXT COLLATE "C" NOT NULL REFERENCES visitors (id),
    amount BIGINT,
    currency TEXT,
    UNIQUE (kind, reference)
);
CREATE INDEX ledger_facts_of ON ledger_facts (purchase_id, at, id);

CREATE TABLE refund_requests (
    id TEXT COLLATE "C" PRIMARY KEY,
    purchase_id TEXT COLLATE "C" NOT NULL REFERENCES purchases (id),
    amount BIGINT NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    reason TEXT,
    requested_at BIGINT NOT NULL,
    answered_at BIGINT,
    accepted BOOLEAN,
    provider_refund TEXT
);
CREATE INDEX refund_requests_of ON refund_requests (purchase_id, answered_at);
CREATE INDEX refund_requests_unanswered ON refund_requests (answered_at, requested_at);

CREATE TABLE provider_events (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    account TEXT,
    object_id TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    -- When it is to be worked on; nothing once it is done.
    due_at BIGINT,
    done_at BIGINT,
    outcome TEXT,
    last_error TEXT
);
CREATE INDEX provider_events_due ON provider_events (due_at);

CREATE TABLE outbox (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    handle_id TEXT COLLATE "C" REFERENCES handles (id),
    sealed BYTEA NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('QUEUED', 'SENT', 'DEAD')),
    attempts INTEGER NOT NULL,
    due_at BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    sent_at BIGINT,
    last_error TEXT
);
CREATE INDEX outbox_due ON outbox (status, due_at);
CREATE INDEX outbox_of_handle ON outbox (handle_id, queued_at, id);

CREATE TABLE rate_limits (
    subject TEXT PRIMARY KEY,
    -- A bucket's theoretical arrival time, or the start of a window.
    at BIGINT NOT NULL,
    used BIGINT NOT NULL,
    idle_at BIGINT NOT NULL
);
CREATE INDEX rate_limits_idle ON rate_limits (idle_at);

CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    status INTEGER,
    body TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (scope, idempotency_key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
