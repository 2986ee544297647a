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
CREATE TABLE file_facts (
    id TEXT COLLATE "C" PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    file_id TEXT COLLATE "C" NOT NULL REFERENCES files (id),
    UNIQUE (kind, reference)
);
INSERT INTO ledger_facts (id, at, kind, reference, purchase_id, handle_id, page_id, visitor_id, amount, currency)
SELECT id, at, kind, reference, purchase_id, handle_id, page_id, visitor_id, amount, currency
FROM ledger WHERE page_id IS NOT NULL AND visitor_id IS NOT NULL;
INSERT INTO file_facts (id, at, kind, reference, handle_id, file_id)
SELECT id, at, kind, reference, handle_id, file_id FROM ledger WHERE file_id IS NOT NULL;
DROP TABLE ledger;
CREATE INDEX ledger_facts_of ON ledger_facts (purchase_id, at, id);
CREATE INDEX ledger_facts_books ON ledger_facts (handle_id, at);
CREATE INDEX ledger_facts_about ON ledger_facts (page_id, visitor_id, at, id);
CREATE INDEX file_facts_of ON file_facts (file_id, at, id);

CREATE INDEX refund_requests_unanswered ON refund_requests (answered_at, requested_at);
CREATE INDEX group_buys_offer ON group_buys (state, offer_ends_at);
CREATE INDEX group_buys_deadline ON group_buys (state, deadline);
CREATE INDEX files_due ON files (due_at, id);

ALTER TABLE provider_events ADD COLUMN last_error TEXT;
ALTER TABLE provider_events ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE provider_events ADD COLUMN due_at BIGINT;
UPDATE provider_events SET due_at = received_at WHERE done_at IS NULL;
CREATE INDEX provider_events_due ON provider_events (due_at);
ALTER TABLE provider_events DROP COLUMN subject;

ALTER TABLE outbox ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
UPDATE outbox SET due_at = queued_at;
CREATE INDEX outbox_due ON outbox (status, due_at);

DROP TABLE jobs;
