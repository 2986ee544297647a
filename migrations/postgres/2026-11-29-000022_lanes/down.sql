DROP INDEX checkout_orders_of_visitor;
DROP INDEX jobs_of_lane;
