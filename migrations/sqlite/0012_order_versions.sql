-- Counts what changes what may come back of an order: a return that was judged by an earlier count is not opened.
CREATE TABLE order_versions (
    order_key TEXT    PRIMARY KEY,
    version   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
