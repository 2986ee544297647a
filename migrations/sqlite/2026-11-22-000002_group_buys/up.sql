CREATE TABLE group_buys (
    id TEXT PRIMARY KEY,
    handle_id TEXT NOT NULL REFERENCES handles (id),
    page_id TEXT NOT NULL REFERENCES pages (id),
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    price_amount BIGINT NOT NULL CHECK (price_amount > 0),
    price_currency TEXT NOT NULL,
    target_quantity BIGINT NOT NULL CHECK (target_quantity > 0),
    max_quantity BIGINT CHECK (max_quantity >= target_quantity),
    deadline BIGINT,
    offer_days BIGINT NOT NULL CHECK (offer_days > 0),
    state TEXT NOT NULL CHECK (state IN ('OPEN', 'ACTIVE', 'EXPIRED', 'CANCELLED')),
    -- The sum of the quantities of its interests.
    current_quantity BIGINT NOT NULL CHECK (current_quantity >= 0),
    activated_at BIGINT,
    offer_ends_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (handle_id, slug),
    CHECK (current_quantity <= max_quantity),
    CHECK ((activated_at IS NULL) = (offer_ends_at IS NULL))
);
CREATE INDEX group_buys_of ON group_buys (handle_id, created_at, id);
CREATE INDEX group_buys_of_page ON group_buys (page_id);
CREATE INDEX group_buys_deadline ON group_buys (state, deadline);
CREATE INDEX group_buys_offer ON group_buys (state, offer_ends_at);

CREATE TABLE group_buy_interests (
    group_buy_id TEXT NOT NULL REFERENCES group_buys (id),
    visitor_id TEXT NOT NULL REFERENCES visitors (id),
    quantity BIGINT NOT NULL CHECK (quantity BETWEEN 1 AND 100),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (group_buy_id, visitor_id)
);
CREATE INDEX group_buy_interests_in ON group_buy_interests (group_buy_id, created_at, visitor_id);

-- The group buy whose price the order has, if it is not the page's own.
ALTER TABLE checkout_orders ADD COLUMN group_buy_id TEXT REFERENCES group_buys (id);
CREATE INDEX checkout_orders_of_group_buy ON checkout_orders (group_buy_id, visitor_id);
