-- When Stripe last refused a payment because of an account that reads as able to take some.
ALTER TABLE connected_accounts ADD COLUMN refused_at BIGINT;
