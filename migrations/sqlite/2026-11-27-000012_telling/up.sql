-- Payments that failed, which the gate and "My access" tell their visitor of.
CREATE INDEX checkout_orders_failed ON checkout_orders (visitor_id, created_at, id) WHERE status = 'FAILED';

-- The languages that the owners of addresses read, if it is not English.
CREATE TABLE languages (
    email TEXT PRIMARY KEY NOT NULL,
    language TEXT NOT NULL
);
