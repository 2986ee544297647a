-- The account of an order that was closed without Stripe's word for it, until the end of its session is known: sweeps read it.
ALTER TABLE checkout_orders ADD COLUMN awaited_account TEXT COLLATE "C";

-- Orders of accounts that cannot be read now may have been closed like that.
UPDATE checkout_orders SET awaited_account = account
    WHERE status = 'EXPIRED' AND session IS NOT NULL
    AND account IN (SELECT account FROM connected_accounts WHERE live_handle_id IS NULL);

CREATE INDEX checkout_orders_awaited ON checkout_orders (awaited_account, id) WHERE awaited_account IS NOT NULL;
