DROP INDEX address_moves_to;
DROP INDEX address_moves_from;
