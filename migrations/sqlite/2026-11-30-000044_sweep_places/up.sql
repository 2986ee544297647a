-- Where the sweeps of an account go on that are not done with everything, as JSON; NULL if they begin from the start, as those of
-- earlier versions did in a process that started.
ALTER TABLE connected_accounts ADD COLUMN sweep_place TEXT;
