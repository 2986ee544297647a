-- What becomes of a payment for a page that its buyer has already: REFUND or HOLD.
ALTER TABLE handles ADD COLUMN second_payments TEXT NOT NULL DEFAULT 'REFUND';

-- The console looks for the payments of a handle that are held, however many others ever were.
CREATE INDEX ledger_held ON ledger (handle_id, at) WHERE kind = 'second_payment_held';
