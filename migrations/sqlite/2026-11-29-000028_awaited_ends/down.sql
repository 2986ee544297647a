DROP INDEX checkout_orders_awaited;
ALTER TABLE checkout_orders DROP COLUMN awaited_account;
