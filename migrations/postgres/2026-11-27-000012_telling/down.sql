DROP INDEX checkout_orders_failed;
