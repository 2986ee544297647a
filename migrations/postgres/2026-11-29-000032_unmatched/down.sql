DROP INDEX ledger_unmatched;
DROP INDEX checkout_orders_unmatched;
