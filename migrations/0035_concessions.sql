-- Money given back on an order although nothing came back: a present, or the difference to a lower price (`line_id`, `units`, `price` of one). Rows
-- are never changed. `actor`: JSON, as events have it.
CREATE TABLE concessions (
    id        TEXT     NOT NULL PRIMARY KEY,
    order_key TEXT     NOT NULL,
    at        {bigint} NOT NULL,
    actor     TEXT     NOT NULL,
    line_id   TEXT,
    units     {bigint},
    price     {bigint},
    amount    {bigint} NOT NULL,
    reason    TEXT     NOT NULL,
    note      TEXT
){by key};
CREATE INDEX concessions_by_order ON concessions (order_key, at, id);
