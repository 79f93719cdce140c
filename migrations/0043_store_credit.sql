-- Credit in the shop: a ledger, of which no entry is changed. `holder`: the shop's name for a customer, or, where it gave none, their mail address as
-- orders are found by it. `amount`: minor units, negative where it was spent. `kind`: `refund`, `bonus`, `redeem`, `release`, `adjust`. `cause`: why it was
-- booked, once. `reference`: the shop's name for it.
CREATE TABLE credit_entries (
    id         TEXT{by bytes} NOT NULL,
    holder     TEXT           NOT NULL,
    currency   TEXT           NOT NULL,
    amount     {bigint}       NOT NULL,
    kind       TEXT           NOT NULL,
    cause      TEXT           NOT NULL UNIQUE,
    reference  TEXT,
    rma        TEXT,
    order_key  TEXT,
    expires_at {bigint},
    at         {bigint}       NOT NULL,
    PRIMARY KEY (id)
){by key};
CREATE INDEX credit_entries_of_holder ON credit_entries (holder, id);

-- What it comes to: the ledger's sums.
CREATE TABLE credit_balances (
    holder   TEXT     NOT NULL,
    currency TEXT     NOT NULL,
    balance  {bigint} NOT NULL CHECK (balance >= 0),
    PRIMARY KEY (holder, currency)
){by key};
