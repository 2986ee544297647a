DROP INDEX provider_events_done;
