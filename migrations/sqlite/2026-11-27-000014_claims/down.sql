DROP INDEX jobs_of_kind;
CREATE INDEX jobs_due ON jobs (priority, due_at, job_key) WHERE due_at IS NOT NULL;
