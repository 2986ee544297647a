-- "My access" finds the group buys that a visitor joined, however many others joined them.
CREATE INDEX group_buy_interests_of ON group_buy_interests (visitor_id, group_buy_id);
