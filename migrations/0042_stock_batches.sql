-- What is done with goods that lie apart, many at once: marked down for the promotion channel, or scrapped; planned first, then done return by return.
CREATE TABLE stock_batches (
    number    {bigint} NOT NULL,
    at        {bigint} NOT NULL,
    who       TEXT     NOT NULL,
    kind      TEXT     NOT NULL,
    warehouse TEXT     NOT NULL,
    state     TEXT     NOT NULL,
    sku       TEXT,
    before    {bigint},
    percent   {bigint},
    ground    TEXT,
    reason    TEXT     NOT NULL,
    began_at  {bigint},
    PRIMARY KEY (number)
){by key};

-- Units of a batch. `state`: `fits`, `refused`, `done`, `failed`; `why`: of what did not go.
CREATE TABLE stock_batch_lots (
    batch {bigint} NOT NULL,
    nth   {bigint} NOT NULL,
    rma   TEXT     NOT NULL,
    lot   TEXT     NOT NULL,
    sku   TEXT     NOT NULL,
    units {bigint} NOT NULL,
    state TEXT     NOT NULL,
    why   TEXT,
    PRIMARY KEY (batch, nth)
){by key};
CREATE INDEX stock_batch_lots_of_sku ON stock_batch_lots (sku, batch) WHERE state = 'done';

-- How many units may lie so before somebody is to be told (C25). Empty: of every warehouse, of every product.
CREATE TABLE stock_thresholds (
    warehouse TEXT     NOT NULL,
    sku       TEXT     NOT NULL,
    state     TEXT     NOT NULL,
    units     {bigint} NOT NULL,
    PRIMARY KEY (warehouse, sku, state)
){by key};

CREATE INDEX stock_moves_into ON stock_moves (warehouse, went_to, rma) WHERE rma IS NOT NULL;
CREATE INDEX stock_moves_in_time ON stock_moves (at, id);
CREATE INDEX stock_kept_by_state ON stock_kept (state, warehouse, sku);
