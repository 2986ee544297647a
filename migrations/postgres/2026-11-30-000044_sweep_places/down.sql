ALTER TABLE connected_accounts DROP COLUMN sweep_place;
