-- When a refund of a second payment was last asked for at Stripe: a request may be under way for a while after that.
ALTER TABLE refund_requests ADD COLUMN sent_at BIGINT;
