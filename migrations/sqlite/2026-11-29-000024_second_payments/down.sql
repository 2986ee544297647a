ALTER TABLE handles DROP COLUMN second_payments;
