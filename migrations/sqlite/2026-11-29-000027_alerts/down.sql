DROP INDEX outbox_account_ready;
DROP INDEX outbox_account_closed;
DROP INDEX checkout_orders_unread_at;
DROP INDEX checkout_orders_unread;
ALTER TABLE checkout_orders DROP COLUMN reread_at;
ALTER TABLE checkout_orders DROP COLUMN unread_at;
