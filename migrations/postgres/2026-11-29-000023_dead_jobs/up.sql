-- Housekeeping finds the jobs that were given up long ago, however many others there are.
CREATE INDEX jobs_dead ON jobs (dead_at) WHERE dead_at IS NOT NULL;
