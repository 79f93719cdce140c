-- Jobs wait in queues: one that hangs delays none of another queue. What a server of the version before leaves here is a mail.
ALTER TABLE outbox ADD COLUMN queue TEXT NOT NULL DEFAULT 'mail';
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (queue, run_at) WHERE done_at IS NULL AND dead_at IS NULL;

-- What is done again and again, by one server at a time. Due times follow the shop's clock, leases the database's; each run takes a turn.
CREATE TABLE schedules (
    name         TEXT     PRIMARY KEY,
    next_at      {bigint} NOT NULL,
    leased_until {bigint},
    turn         {bigint} NOT NULL,
    last_error   TEXT
){by key};
