-- When the buyer paid, as Stripe says. Earlier purchases do not have it: they were paid at most shortly before they were recorded, unless
-- Stripe's events were late.
ALTER TABLE purchases ADD COLUMN paid_at BIGINT;
