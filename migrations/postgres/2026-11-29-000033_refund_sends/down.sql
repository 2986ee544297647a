ALTER TABLE refund_requests DROP COLUMN sent_at;
