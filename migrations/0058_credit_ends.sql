-- Credit that ends, by its entry in the ledger. `due_at`: from then on it cannot be spent; `reminded_at`: its holder was told so before; `ended_at`: what was left
-- of it was booked as ended, or nothing was. Moments in milliseconds. Only credit that was booked with an end has a row.
CREATE TABLE credit_ends (
    entry       TEXT     NOT NULL,
    due_at      {bigint} NOT NULL,
    reminded_at {bigint},
    ended_at    {bigint},
    PRIMARY KEY (entry)
){by key};
CREATE INDEX credit_ends_due ON credit_ends (due_at) WHERE ended_at IS NULL;
