-- Disputes, as they were last read from the provider.
CREATE TABLE disputes (
    id TEXT PRIMARY KEY NOT NULL,
    purchase_id TEXT NOT NULL REFERENCES purchases (id),
    progress TEXT NOT NULL,
    stage TEXT NOT NULL,
    reason TEXT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    respond_by BIGINT
);
CREATE INDEX disputes_purchase ON disputes (purchase_id, opened_at);
-- What visitors did at a handle, by day.
CREATE TABLE activity (
    visitor_id TEXT NOT NULL REFERENCES visitors (id),
    handle_id TEXT NOT NULL REFERENCES handles (id),
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    day BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (visitor_id, handle_id, day, kind, subject)
);
CREATE INDEX activity_last_at ON activity (last_at);
-- What the provider does besides at a payment.
ALTER TABLE handles ADD COLUMN invoice BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE handles ADD COLUMN automatic_tax BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE handles ADD COLUMN tax_id BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE checkout_orders ADD COLUMN invoice BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE checkout_orders ADD COLUMN automatic_tax BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE checkout_orders ADD COLUMN tax_id BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE purchases ADD COLUMN tax BIGINT;
