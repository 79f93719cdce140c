-- Points (C35): a ledger, of which no entry is changed. `holder`: as in `compensations`. `amount`: negative where they went. `kind`: `give`, `redeem`, `release`,
-- `withdraw`, `expire`. `cause`: why they were booked, once. `reference`: the shop's name for it.
CREATE TABLE points_entries (
    id         TEXT{by bytes} NOT NULL,
    holder     TEXT           NOT NULL,
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
CREATE INDEX points_entries_of_holder ON points_entries (holder, id);

-- What they come to.
CREATE TABLE points_balances (
    holder  TEXT     NOT NULL,
    balance {bigint} NOT NULL CHECK (balance >= 0),
    PRIMARY KEY (holder)
){by key};

-- Points that end, by their entry. `due_at`: from then on they cannot be spent; `ended_at`: what was left was booked as ended, or nothing was.
CREATE TABLE points_ends (
    entry    TEXT     NOT NULL,
    due_at   {bigint} NOT NULL,
    ended_at {bigint},
    PRIMARY KEY (entry)
){by key};
CREATE INDEX points_ends_due ON points_ends (due_at) WHERE ended_at IS NULL;
