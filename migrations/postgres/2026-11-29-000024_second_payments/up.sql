-- What becomes of a payment for a page that its buyer has already: REFUND or HOLD.
ALTER TABLE handles ADD COLUMN second_payments TEXT COLLATE "C" NOT NULL DEFAULT 'REFUND';
