ALTER TABLE purchases DROP COLUMN tax;
ALTER TABLE checkout_orders DROP COLUMN tax_id;
ALTER TABLE checkout_orders DROP COLUMN automatic_tax;
ALTER TABLE checkout_orders DROP COLUMN invoice;
ALTER TABLE handles DROP COLUMN tax_id;
ALTER TABLE handles DROP COLUMN automatic_tax;
ALTER TABLE handles DROP COLUMN invoice;
DROP TABLE activity;
DROP TABLE disputes;
