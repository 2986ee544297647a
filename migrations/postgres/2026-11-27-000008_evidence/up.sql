-- Disputes, as they were last read from the provider.
CREATE TABLE disputes (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    purchase_id TEXT COLLATE "C" NOT NULL REFERENCES purchases (id),
    progress TEXT COLLATE "C" NOT NULL,
    stage TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL,
    respond_by BIGINT
);
CREATE INDEX disputes_purchase ON disputes (purchase_id, opened_at);
-- What visitors did at a handle, by day.
CREATE TABLE activity (
    visitor_id TEXT COLLATE "C" NOT NULL REFERENCES visitors (id),
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    kind TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
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
