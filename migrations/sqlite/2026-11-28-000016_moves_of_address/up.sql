-- Confirmed moves are kept, and found by either address: they say where a person's purchases came from or went.
CREATE INDEX address_moves_from ON address_moves (handle_id, from_email);
CREATE INDEX address_moves_to ON address_moves (handle_id, to_email);
-- So housekeeping looks at the others alone.
DROP INDEX address_moves_expiry;
CREATE INDEX address_moves_expiry ON address_moves (expires_at) WHERE used_at IS NULL;
