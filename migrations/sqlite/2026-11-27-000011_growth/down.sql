ALTER TABLE idempotency_keys DROP COLUMN owner;
DROP INDEX purchases_people;
CREATE INDEX purchases_people ON purchases (handle_id, visitor_id);
DROP INDEX visits_people;
CREATE INDEX visits_people ON visits (handle_id, visitor_id);
DROP TABLE people;
DROP TABLE page_sales;
CREATE INDEX ledger_of_handle ON ledger (handle_id, at);
DROP TABLE ledger_days;
