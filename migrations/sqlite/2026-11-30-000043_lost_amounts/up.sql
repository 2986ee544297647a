-- What lost disputes have given back of a purchase: it is not refunded again.
ALTER TABLE purchases ADD COLUMN lost BIGINT NOT NULL DEFAULT 0;
UPDATE purchases
SET lost = MIN(amount, MAX(0, (
    SELECT COALESCE(SUM(CASE ledger.kind WHEN 'dispute_lost' THEN ledger.amount ELSE -ledger.amount END), 0)
    FROM ledger
    WHERE ledger.purchase_id = purchases.id AND ledger.kind IN ('dispute_lost', 'dispute_won')
)))
WHERE amount IS NOT NULL
    AND id IN (SELECT ledger.purchase_id FROM ledger WHERE ledger.kind = 'dispute_lost');
-- Nothing but a loss ends a paid purchase that is not refunded. Of one whose amount is not known, all counts.
UPDATE purchases
SET lost = amount
WHERE lost = 0 AND amount IS NOT NULL AND revoked_at IS NOT NULL AND grant_type <> 'REFUNDED';
