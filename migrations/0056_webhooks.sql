-- Servers of the shop that are told of what happens (Standard Webhooks). `events`: what each hears of, JSON. `secret`: what its messages are signed with,
-- locked; `old_secret`: what it was before, which signs beside it until `old_until`. `off_at`, `off_because`: since when and why it is told nothing.
CREATE TABLE webhooks (
    name        TEXT     NOT NULL,
    url         TEXT     NOT NULL,
    events      TEXT     NOT NULL,
    secret      TEXT     NOT NULL,
    old_secret  TEXT,
    old_until   {bigint},
    at          {bigint} NOT NULL,
    changed_at  {bigint} NOT NULL,
    off_at      {bigint},
    off_because TEXT,
    PRIMARY KEY (name)
){by key};

-- The webhook that a message is for.
ALTER TABLE outbox ADD COLUMN hook TEXT;
CREATE INDEX outbox_hook ON outbox (hook, id) WHERE hook IS NOT NULL;
-- What is still to be told of the same: in order.
CREATE INDEX outbox_hook_due ON outbox (hook, about, id) WHERE hook IS NOT NULL AND done_at IS NULL AND dead_at IS NULL;
