DROP INDEX purchases_suspended;
DROP INDEX ledger_reference;
DROP INDEX checkout_orders_unfinished;
ALTER TABLE connected_accounts DROP COLUMN swept_at;
