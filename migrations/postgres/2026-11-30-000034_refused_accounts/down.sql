ALTER TABLE connected_accounts DROP COLUMN refused_at;
