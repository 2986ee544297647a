-- A runner looks for the first job of one kind, however many of another one wait.
DROP INDEX jobs_due;
CREATE INDEX jobs_of_kind ON jobs (kind, priority, due_at, job_key) WHERE due_at IS NOT NULL;
