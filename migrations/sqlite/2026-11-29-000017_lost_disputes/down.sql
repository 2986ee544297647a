DELETE FROM ledger_days WHERE kind = 'dispute_lost';
UPDATE ledger SET amount = NULL, currency = NULL WHERE kind = 'dispute_lost';
