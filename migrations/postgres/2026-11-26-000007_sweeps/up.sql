-- When the last complete sweep of an account began.
ALTER TABLE connected_accounts ADD COLUMN swept_at BIGINT;
CREATE INDEX checkout_orders_unfinished ON checkout_orders (account, created_at, id)
    WHERE status IN ('CREATING', 'PENDING');
CREATE INDEX ledger_reference ON ledger (reference);
CREATE INDEX purchases_suspended ON purchases (account) WHERE suspended_at IS NOT NULL;
