-- Pages on which a gateway is to take what is due, by our name for them. `state`: `asked`, `open`, `waiting` (the customer is done, the money is on its
-- way), `paid`, `failed`, `expired`. `reference`: the gateway's name. `until`: it takes nothing after that. `looked_at`: when it last said something.
CREATE TABLE gateway_checkouts (
    id        TEXT     NOT NULL,
    rma       TEXT     NOT NULL,
    order_key TEXT     NOT NULL,
    -- Minor units.
    amount    {bigint} NOT NULL,
    currency  TEXT     NOT NULL,
    state     TEXT     NOT NULL,
    reference TEXT,
    until     {bigint} NOT NULL,
    asked_at  {bigint} NOT NULL,
    looked_at {bigint} NOT NULL,
    PRIMARY KEY (id)
){by key};
CREATE INDEX gateway_checkouts_open ON gateway_checkouts (looked_at, id) WHERE state IN ('asked', 'open', 'waiting');
CREATE INDEX gateway_checkouts_of_return ON gateway_checkouts (rma);
