-- Creators prove their addresses. Those who sell already keep selling.
ALTER TABLE creators ADD COLUMN email_verified_at BIGINT;
UPDATE creators SET email_verified_at = created_at;

CREATE TABLE account_tokens (
    token BYTEA PRIMARY KEY NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    creator_id TEXT COLLATE "C" NOT NULL REFERENCES creators (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX account_tokens_of_creator ON account_tokens (creator_id, purpose);
CREATE INDEX account_tokens_expiry ON account_tokens (expires_at);


ALTER TABLE handles ADD COLUMN description TEXT;
-- The slug of a file, which may be gone.
ALTER TABLE handles ADD COLUMN picture TEXT;

-- Which browser asked for a link, and the nonce of the page on which it was redeemed.
ALTER TABLE magic_links ADD COLUMN asked_by BYTEA;
ALTER TABLE magic_links ADD COLUMN confirmed_by BYTEA;
CREATE INDEX magic_links_asked ON magic_links (asked_by, created_at, id) WHERE asked_by IS NOT NULL;

-- What browsers show a file as, decided from its content: `image/png 640x480`. Files from before are
-- attachments.
ALTER TABLE files ADD COLUMN media TEXT;

CREATE TABLE address_moves (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    token BYTEA NOT NULL UNIQUE,
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    from_email TEXT NOT NULL,
    to_email TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX address_moves_expiry ON address_moves (expires_at);

CREATE INDEX checkout_orders_pending ON checkout_orders (visitor_id, created_at, id) WHERE status = 'PENDING';
