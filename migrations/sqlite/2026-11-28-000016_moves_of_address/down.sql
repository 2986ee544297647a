DROP INDEX address_moves_expiry;
CREATE INDEX address_moves_expiry ON address_moves (expires_at);
DROP INDEX address_moves_to;
DROP INDEX address_moves_from;
