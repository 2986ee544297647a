-- Housekeeping finds the webhook events that were applied long ago, however many others there are.
CREATE INDEX provider_events_done ON provider_events (done_at) WHERE done_at IS NOT NULL;
