-- Something done to many cases at once. `act`: what is done, JSON, with its words as they were when it was looked at; `deed`: as it was chosen.
-- `address`: of whoever does it, a seal. `began_at`: nothing while it is only looked at.
CREATE TABLE bulk_runs (
    id       TEXT     NOT NULL PRIMARY KEY,
    staff    TEXT     NOT NULL,
    address  TEXT     NOT NULL,
    name     TEXT     NOT NULL,
    deed     TEXT     NOT NULL,
    act      TEXT     NOT NULL,
    made_at  {bigint} NOT NULL,
    began_at {bigint}
){by key};
CREATE INDEX bulk_runs_by_age ON bulk_runs (made_at);

-- Its cases, in the order of the queue. `version`: the return as it was looked at. `state`: fits, refused, done, failed; `why`: JSON, for whoever does it.
CREATE TABLE bulk_items (
    run     TEXT     NOT NULL,
    nth     {bigint} NOT NULL,
    rma     TEXT     NOT NULL,
    version {bigint} NOT NULL,
    state   TEXT     NOT NULL,
    why     TEXT,
    PRIMARY KEY (run, nth)
){by key};
