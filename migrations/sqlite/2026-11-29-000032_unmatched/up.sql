-- The payments of a handle that do not match their orders are looked for, however many other orders it has.
CREATE INDEX checkout_orders_unmatched ON checkout_orders (handle_id, created_at, id) WHERE status = 'QUARANTINED';

-- The disputes of such payments, however many others there are.
CREATE INDEX ledger_unmatched ON ledger (handle_id, at) WHERE kind = 'disputed' AND purchase_id IS NULL;
