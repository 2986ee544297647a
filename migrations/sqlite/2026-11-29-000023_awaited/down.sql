DROP INDEX disputes_awaited;
DROP INDEX jobs_dead;
