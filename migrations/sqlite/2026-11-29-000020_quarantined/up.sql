-- Visitors are told of their payments that do not match an order.
CREATE INDEX checkout_orders_quarantined ON checkout_orders (visitor_id, created_at, id) WHERE status = 'QUARANTINED';
