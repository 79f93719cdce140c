-- What a gateway says of money that went back, and does not fit what we say: each is somebody's task until it is settled. `about`: our name for the refund,
-- else theirs. Amounts are minor units. `said`: how it stands here and there, or what was told. `who`: who settled it: an account, `key:` and a key's
-- name, `report:` and a number, or `gateway`.
CREATE TABLE differences (
    number          {bigint} NOT NULL,
    at              {bigint} NOT NULL,
    kind            TEXT     NOT NULL,
    about           TEXT     NOT NULL,
    name            TEXT,
    reference       TEXT,
    rma             TEXT,
    order_key       TEXT,
    ours_currency   TEXT,
    ours            {bigint},
    theirs_currency TEXT,
    theirs          {bigint},
    said            TEXT     NOT NULL,
    report          {bigint},
    state           TEXT     NOT NULL,
    ended_at        {bigint},
    who             TEXT,
    reason          TEXT,
    PRIMARY KEY (number)
){by key};
CREATE UNIQUE INDEX differences_of ON differences (kind, about);
CREATE INDEX differences_open ON differences (number) WHERE state = 'open';
CREATE INDEX differences_settled ON differences (number) WHERE state = 'settled';
CREATE INDEX differences_by_about ON differences (about);
CREATE INDEX disputes_of_order ON differences (order_key) WHERE kind = 'dispute' AND state = 'open';

-- A gateway's report that was held against our books. `first_at`, `last_at`: from when to when it tells. `fit`: how many refunds fit; `found`: how many
-- differences it showed; `ended`: how many it ended.
CREATE TABLE reconciliations (
    number   {bigint} NOT NULL,
    at       {bigint} NOT NULL,
    who      TEXT     NOT NULL,
    name     TEXT     NOT NULL,
    refunds  {bigint} NOT NULL,
    first_at {bigint},
    last_at  {bigint},
    fit      {bigint} NOT NULL,
    found    {bigint} NOT NULL,
    ended    {bigint} NOT NULL,
    PRIMARY KEY (number)
){by key};

-- Money that went back to a payment of an order by somebody's hand at the gateway, or by a customer's bank, and that the shop need not tell.
CREATE TABLE outside_refunds (
    reference TEXT     NOT NULL,
    order_key TEXT     NOT NULL,
    payment   TEXT     NOT NULL,
    amount    {bigint} NOT NULL,
    at        {bigint} NOT NULL,
    PRIMARY KEY (reference)
){by key};
CREATE INDEX outside_refunds_of_order ON outside_refunds (order_key);

CREATE INDEX gateway_refunds_by_reference ON gateway_refunds (reference) WHERE reference IS NOT NULL;
CREATE INDEX payments_by_order ON payments (order_key);
