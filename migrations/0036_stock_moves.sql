-- What comes and goes in a warehouse because of returns, and what the shop tells of it: a ledger, of which no entry is changed. `seq`: the number of the
-- event it came of, with `rma` and `lot`; none of these where the shop told a count. Both ends: how it lies (`sellable`, `quarantine`, `defective`,
-- `in_repair`, `promotion`, `scrapped`); none: not there. No personal data.
CREATE TABLE stock_moves (
    id        TEXT     NOT NULL,
    at        {bigint} NOT NULL,
    warehouse TEXT     NOT NULL,
    sku       TEXT     NOT NULL,
    rma       TEXT,
    seq       {bigint},
    lot       TEXT,
    kind      TEXT     NOT NULL,
    units     {bigint} NOT NULL,
    came_from TEXT,
    went_to   TEXT,
    PRIMARY KEY (id)
){by key};
CREATE INDEX stock_moves_of_sku ON stock_moves (warehouse, sku, at, id);
CREATE INDEX stock_moves_of_return ON stock_moves (rma, seq) WHERE rma IS NOT NULL;

-- How many units lie how, besides those the shop can sell, which stand in `stock`: the ledger's sum.
CREATE TABLE stock_kept (
    warehouse TEXT     NOT NULL,
    sku       TEXT     NOT NULL,
    state     TEXT     NOT NULL,
    units     {bigint} NOT NULL,
    PRIMARY KEY (warehouse, sku, state)
){by key};
