-- Housekeeping finds the jobs that were given up long ago, however many others there are.
CREATE INDEX jobs_dead ON jobs (dead_at) WHERE dead_at IS NOT NULL;

-- The console looks for the disputes of a handle that wait for an answer, however many were decided.
CREATE INDEX disputes_awaited ON disputes (stage, respond_by) WHERE stage = 'NEEDS_RESPONSE';
