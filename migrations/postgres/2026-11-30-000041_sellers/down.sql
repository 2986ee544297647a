ALTER TABLE purchases DROP COLUMN seller_text;
ALTER TABLE purchases DROP COLUMN seller_name;
