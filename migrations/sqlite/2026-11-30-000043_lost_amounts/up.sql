-- What lost disputes have given back of a purchase: it is not refunded again.
ALTER TABLE purchases ADD COLUMN lost BIGINT NOT NULL DEFAULT 0;
-- Of a dispute whose amount is not known, or is in another currency, all counts. A further fact about it is named after an '@'.
UPDATE purchases
SET lost = MIN(amount, COALESCE((
    SELECT SUM(CASE WHEN taken > 0 THEN taken ELSE purchases.amount END)
    FROM (
        SELECT SUM(CASE
            WHEN ledger.amount IS NULL OR ledger.currency IS NULL OR ledger.currency <> purchases.currency THEN 0
            WHEN ledger.kind = 'dispute_lost' THEN ledger.amount
            ELSE -ledger.amount
        END) AS taken
        FROM ledger
        WHERE ledger.purchase_id = purchases.id AND ledger.kind IN ('dispute_lost', 'dispute_won')
        GROUP BY SUBSTR(ledger.reference, 1, INSTR(ledger.reference || '@', '@') - 1)
        -- It was not won since it was lost last, or at that instant.
        HAVING MAX(CASE ledger.kind WHEN 'dispute_lost' THEN ledger.at END)
            > COALESCE(MAX(CASE ledger.kind WHEN 'dispute_won' THEN ledger.at END), MIN(ledger.at) - 1)
    ) AS losses
), 0))
WHERE amount IS NOT NULL
    AND id IN (SELECT ledger.purchase_id FROM ledger WHERE ledger.kind = 'dispute_lost');
-- Nothing but a loss ends a paid purchase that is not refunded. Of one whose amount is not known, all counts.
UPDATE purchases
SET lost = amount
WHERE lost = 0 AND amount IS NOT NULL AND revoked_at IS NOT NULL AND grant_type <> 'REFUNDED';
