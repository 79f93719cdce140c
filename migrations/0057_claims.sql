-- Claims against suppliers and carriers (P27). `who`: the account, or `key:` and a key's name. `tracking`, `order_key`, `rma`, `batch`: what it is about,
-- `batch` the goods that went back with it, of which there is one claim. Amounts are minor units of `currency`; `due`: days since 1970-01-01, on which it
-- ends; `reference`: their name for it. `version`: how often it was changed.
CREATE TABLE claims (
    number     {bigint} NOT NULL,
    opened_at  {bigint} NOT NULL,
    who        TEXT     NOT NULL,
    against    TEXT     NOT NULL,
    party      TEXT     NOT NULL,
    ground     TEXT     NOT NULL,
    state      TEXT     NOT NULL,
    rma        TEXT,
    tracking   TEXT,
    order_key  TEXT,
    batch      {bigint},
    currency   TEXT,
    expected   {bigint},
    due        {bigint},
    filed_at   {bigint},
    reference  TEXT,
    settled    {bigint},
    settled_at {bigint},
    note       TEXT,
    version    {bigint} NOT NULL,
    PRIMARY KEY (number)
){by key};
CREATE UNIQUE INDEX claims_of_batch ON claims (batch) WHERE batch IS NOT NULL;
CREATE INDEX claims_going ON claims (due, number) WHERE state NOT IN ('settled', 'dropped');
CREATE INDEX claims_by_state ON claims (state, due, number);
CREATE INDEX claims_of_return ON claims (rma, number) WHERE rma IS NOT NULL;

-- What was done with a claim, in order. `said`: their name for it, what they paid, or why.
CREATE TABLE claim_steps (
    claim {bigint} NOT NULL,
    nth   {bigint} NOT NULL,
    at    {bigint} NOT NULL,
    who   TEXT     NOT NULL,
    step  TEXT     NOT NULL,
    said  TEXT,
    PRIMARY KEY (claim, nth)
){by key};

-- Of goods that go back to a vendor: to whom, on which ground, and what is expected of them for it, in minor units.
ALTER TABLE stock_batches ADD COLUMN supplier TEXT;
ALTER TABLE stock_batches ADD COLUMN claim_ground TEXT;
ALTER TABLE stock_batches ADD COLUMN currency TEXT;
ALTER TABLE stock_batches ADD COLUMN expected {bigint};
