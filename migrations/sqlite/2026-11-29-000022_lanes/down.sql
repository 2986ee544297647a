DROP INDEX jobs_of_lane;
