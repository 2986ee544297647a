DROP INDEX checkout_orders_failed;
DROP TABLE languages;
