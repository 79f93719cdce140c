-- Items that go out instead of money, of all returns: what the shop's own system sends. `state`: `due`, `reserved`, `ordered`, `shipped`, `delivered`,
-- `called_off`. `waits`: the customer pays first.
CREATE TABLE remedies (
    rma       TEXT     NOT NULL REFERENCES returns (rma),
    remedy    {bigint} NOT NULL,
    order_key TEXT     NOT NULL,
    -- exchange, replacement, repair
    kind      TEXT     NOT NULL,
    sku       TEXT     NOT NULL,
    units     {bigint} NOT NULL,
    state     TEXT     NOT NULL,
    waits     {bigint} NOT NULL,
    reference TEXT,
    since     {bigint} NOT NULL,
    PRIMARY KEY (rma, remedy)
){strict};
CREATE INDEX remedies_by_state ON remedies (state, since, rma, remedy);
