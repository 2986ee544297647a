DROP INDEX ledger_held;
ALTER TABLE handles DROP COLUMN second_payments;
