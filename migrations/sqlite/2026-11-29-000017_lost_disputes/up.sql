-- The amount of a lost dispute is given back, as a refund is: its facts carry it, and the sums of a day count it.
UPDATE ledger
SET amount = (SELECT disputes.amount FROM disputes WHERE disputes.id = ledger.reference),
    currency = (SELECT disputes.currency FROM disputes WHERE disputes.id = ledger.reference)
WHERE kind = 'dispute_lost' AND amount IS NULL
    AND EXISTS (SELECT 1 FROM disputes WHERE disputes.id = ledger.reference)
    -- Won on appeal, so nothing was lost.
    AND NOT EXISTS (
        SELECT 1 FROM ledger won WHERE won.kind = 'dispute_won' AND won.reference = ledger.reference
    );
INSERT INTO ledger_days (handle_id, day, kind, currency, facts, amount)
SELECT handle_id, at / 86400000000, kind, currency, COUNT(*), CAST(SUM(amount) AS BIGINT)
FROM ledger WHERE kind = 'dispute_lost' AND amount IS NOT NULL
GROUP BY handle_id, at / 86400000000, kind, currency;
