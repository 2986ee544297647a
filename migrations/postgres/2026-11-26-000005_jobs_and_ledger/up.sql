-- One queue for everything that is done later or again.
CREATE TABLE jobs (
    -- The kind and what the job is about.
    job_key TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    priority INTEGER NOT NULL,
    -- When the job is due, or when its lease ends; NULL once it is dead.
    due_at BIGINT,
    attempts INTEGER NOT NULL,
    dead_at BIGINT,
    last_error TEXT,
    CHECK ((due_at IS NULL) = (dead_at IS NOT NULL))
);
CREATE INDEX jobs_due ON jobs (priority, due_at, job_key) WHERE due_at IS NOT NULL;

INSERT INTO jobs (job_key, kind, payload, priority, due_at, attempts, last_error)
SELECT 'send_mail/' || id, 'send_mail', '{"kind":"send_mail","id":"' || id || '"}',
    CASE kind WHEN 'magic_link' THEN 0 ELSE 10 END, due_at, attempts, last_error
FROM outbox WHERE status = 'QUEUED';

INSERT INTO jobs (job_key, kind, payload, priority, due_at, attempts, last_error)
SELECT 'apply_event/' || id, 'apply_event', '{"kind":"apply_event","id":' || to_json(id)::text || '}',
    10, due_at, attempts, last_error
FROM provider_events WHERE due_at IS NOT NULL;

INSERT INTO jobs (job_key, kind, payload, priority, due_at, attempts)
SELECT 'resume_refund/' || id, 'resume_refund', '{"kind":"resume_refund","id":"' || id || '"}',
    10, requested_at + 120000000, 0
FROM refund_requests WHERE answered_at IS NULL;

INSERT INTO jobs (job_key, kind, payload, priority, due_at, attempts)
SELECT 'end_group_buy/' || id, 'end_group_buy', '{"kind":"end_group_buy","id":"' || id || '"}',
    10, COALESCE(offer_ends_at, deadline), 0
FROM group_buys
WHERE state IN ('OPEN', 'ACTIVE') AND COALESCE(offer_ends_at, deadline) IS NOT NULL;

INSERT INTO jobs (job_key, kind, payload, priority, due_at, attempts)
SELECT 'clear_file/' || id, 'clear_file', '{"kind":"clear_file","id":"' || id || '"}', 10, due_at, 0
FROM files WHERE due_at IS NOT NULL;

-- The mail log and the event log are records now; jobs say what is due.
DROP INDEX outbox_due;
ALTER TABLE outbox DROP COLUMN due_at;

ALTER TABLE provider_events ADD COLUMN subject TEXT NOT NULL DEFAULT 'other';
UPDATE provider_events SET subject = CASE
    WHEN kind IN ('checkout.session.completed', 'checkout.session.expired',
        'checkout.session.async_payment_succeeded', 'checkout.session.async_payment_failed')
        THEN 'checkout_session'
    WHEN kind IN ('refund.created', 'refund.updated', 'refund.failed', 'charge.refund.updated')
        THEN 'refund'
    WHEN kind = 'charge.refunded' THEN 'charge'
    WHEN kind LIKE 'charge.dispute.%' THEN 'dispute'
    WHEN kind = 'account.updated' THEN 'account'
    WHEN kind = 'account.application.deauthorized' THEN 'deauthorization'
    ELSE 'other'
END;
DROP INDEX provider_events_due;
ALTER TABLE provider_events DROP COLUMN due_at;
ALTER TABLE provider_events DROP COLUMN attempts;
ALTER TABLE provider_events DROP COLUMN last_error;

DROP INDEX files_due;
DROP INDEX group_buys_deadline;
DROP INDEX group_buys_offer;
DROP INDEX refund_requests_unanswered;

-- One ledger for facts about pages and files.
CREATE TABLE ledger (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    page_id TEXT COLLATE "C" REFERENCES pages (id),
    file_id TEXT COLLATE "C" REFERENCES files (id),
    visitor_id TEXT COLLATE "C" REFERENCES visitors (id),
    purchase_id TEXT COLLATE "C" REFERENCES purchases (id),
    amount BIGINT,
    currency TEXT,
    UNIQUE (kind, reference),
    CHECK ((page_id IS NULL) <> (file_id IS NULL)),
    CHECK ((amount IS NULL) = (currency IS NULL))
);
INSERT INTO ledger (id, at, kind, reference, handle_id, page_id, visitor_id, purchase_id, amount, currency)
SELECT id, at, kind, reference, handle_id, page_id, visitor_id, purchase_id, amount, currency
FROM ledger_facts;
INSERT INTO ledger (id, at, kind, reference, handle_id, file_id)
SELECT id, at, kind, reference, handle_id, file_id FROM file_facts;
DROP TABLE ledger_facts;
DROP TABLE file_facts;
CREATE INDEX ledger_of_purchase ON ledger (purchase_id, at, id);
CREATE INDEX ledger_of_handle ON ledger (handle_id, at);
CREATE INDEX ledger_of_page ON ledger (page_id, visitor_id, at, id);
CREATE INDEX ledger_of_file ON ledger (file_id, at, id);
