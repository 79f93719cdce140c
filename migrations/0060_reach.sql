-- How somebody wants to be reached, by the shop's name for them or their mail address as orders have it. `locale`, `zone`: nothing where they left them
-- as they are.
CREATE TABLE reach (
    holder     TEXT     NOT NULL,
    by_mail    {bigint} NOT NULL,
    by_text    {bigint} NOT NULL,
    locale     TEXT,
    zone       TEXT,
    changed_at {bigint} NOT NULL,
    PRIMARY KEY (holder)
){by key};

-- What was given up, to be found by whoever sees to it.
CREATE INDEX outbox_dead ON outbox (queue, id) WHERE dead_at IS NOT NULL;
