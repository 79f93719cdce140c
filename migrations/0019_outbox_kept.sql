-- Somebody had it tried again after so many tries: it has all of its tries anew, and whoever held it before still does not hold it now.
ALTER TABLE outbox ADD COLUMN tried_before {bigint} NOT NULL DEFAULT 0;
-- What is done is forgotten in time.
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;
