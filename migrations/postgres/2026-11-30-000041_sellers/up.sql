-- The name and the text of the seller when a purchase was paid, which its receipt shows. Earlier purchases have none, and their
-- receipts show those of the handle.
ALTER TABLE purchases ADD COLUMN seller_name TEXT;
ALTER TABLE purchases ADD COLUMN seller_text TEXT;
