DROP INDEX checkout_orders_of_group_buy;
ALTER TABLE checkout_orders DROP COLUMN group_buy_id;
DROP TABLE group_buy_interests;
DROP TABLE group_buys;
