-- Creators who may neither sign in nor sell, by the operator's order.
ALTER TABLE creators ADD COLUMN suspended_at BIGINT;
