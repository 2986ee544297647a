ALTER TABLE purchases DROP COLUMN lost;
