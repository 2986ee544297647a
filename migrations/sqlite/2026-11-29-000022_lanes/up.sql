-- A runner passes over the jobs of a lane without a place at once, however many there are.
CREATE INDEX jobs_of_lane ON jobs (kind, lane, priority, due_at, job_key) WHERE due_at IS NOT NULL;

-- A change of address finds the orders of a visitor, however many others there are of the page.
CREATE INDEX checkout_orders_of_visitor ON checkout_orders (visitor_id, page_id);
