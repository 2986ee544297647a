-- When the creator was told that the provider does not show an order's session, and when it was read after all.
ALTER TABLE checkout_orders ADD COLUMN unread_at BIGINT;
ALTER TABLE checkout_orders ADD COLUMN reread_at BIGINT;

-- The console and sweeps look for such orders, however many others there are.
CREATE INDEX checkout_orders_unread ON checkout_orders (handle_id, unread_at, id)
    WHERE unread_at IS NOT NULL AND reread_at IS NULL;
CREATE INDEX checkout_orders_unread_at ON checkout_orders (account, id)
    WHERE unread_at IS NOT NULL AND reread_at IS NULL;

-- What a creator was told of an account last is looked for, however many mails a handle has.
CREATE INDEX outbox_account_closed ON outbox (handle_id, queued_at) WHERE kind = 'account_closed';
CREATE INDEX outbox_account_ready ON outbox (handle_id, queued_at) WHERE kind = 'account_ready';
