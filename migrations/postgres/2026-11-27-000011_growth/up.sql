-- What the ledger adds up to by day, kept with each fact, so that a report does not read the facts.
CREATE TABLE ledger_days (
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    -- Days since 1970-01-01 (UTC).
    day BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    facts BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (handle_id, day, kind, currency)
);
INSERT INTO ledger_days (handle_id, day, kind, currency, facts, amount)
SELECT handle_id, at / 86400000000, kind, currency, COUNT(*), CAST(SUM(amount) AS BIGINT)
FROM ledger WHERE amount IS NOT NULL
GROUP BY handle_id, at / 86400000000, kind, currency;
DROP INDEX ledger_of_handle;

-- How often each page was sold and given, kept with each purchase.
CREATE TABLE page_sales (
    page_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES pages (id),
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    sold BIGINT NOT NULL,
    given BIGINT NOT NULL
);
INSERT INTO page_sales (page_id, handle_id, sold, given)
SELECT page_id, handle_id, COUNT(amount), COUNT(*) - COUNT(amount)
FROM purchases GROUP BY page_id, handle_id;
CREATE INDEX page_sales_of_handle ON page_sales (handle_id);

-- The addresses of everybody who bought, visited, joined or was listed, in the order in which a creator sees them. A row
-- stays when its reason ends; reports leave it out then.
CREATE TABLE people (
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    email TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (handle_id, email)
);
INSERT INTO people (handle_id, email)
SELECT purchases.handle_id, visitors.email
FROM purchases JOIN visitors ON visitors.id = purchases.visitor_id
UNION
SELECT visits.handle_id, visitors.email
FROM visits JOIN visitors ON visitors.id = visits.visitor_id WHERE visits.handle_id IS NOT NULL
UNION
SELECT group_buys.handle_id, visitors.email
FROM group_buy_interests
JOIN group_buys ON group_buys.id = group_buy_interests.group_buy_id
JOIN visitors ON visitors.id = group_buy_interests.visitor_id
UNION
SELECT files.handle_id, file_allowlist.email
FROM file_allowlist JOIN files ON files.id = file_allowlist.file_id
WHERE file_allowlist.removed_at IS NULL;
DROP INDEX visits_people;
CREATE INDEX visits_people ON visits (visitor_id, handle_id);
DROP INDEX purchases_people;
CREATE INDEX purchases_people ON purchases (visitor_id, handle_id);

-- The request that an idempotency key belongs to.
ALTER TABLE idempotency_keys ADD COLUMN owner TEXT COLLATE "C" NOT NULL DEFAULT '';

-- The account for which a job calls the payment provider, once it had to wait for its turn.
ALTER TABLE jobs ADD COLUMN lane TEXT COLLATE "C";
