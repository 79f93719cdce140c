-- What can be given in exchange. `reserved`: units held for exchanges that were approved (see `reservations`), part of `quantity`.
CREATE TABLE stock (
    warehouse  TEXT    NOT NULL,
    sku        TEXT    NOT NULL,
    quantity   INTEGER NOT NULL,
    reserved   INTEGER NOT NULL DEFAULT 0,
    variant_of TEXT,
    name       TEXT,
    variant    TEXT,
    price      INTEGER,
    currency   TEXT,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (warehouse, sku)
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_by_sku ON stock (sku);
CREATE INDEX stock_by_family ON stock (variant_of) WHERE variant_of IS NOT NULL;

CREATE TABLE reservations (
    rma       TEXT    NOT NULL,
    order_key TEXT    NOT NULL,
    line_id   TEXT    NOT NULL,
    warehouse TEXT    NOT NULL,
    sku       TEXT    NOT NULL,
    quantity  INTEGER NOT NULL,
    PRIMARY KEY (rma, order_key, line_id)
) STRICT, WITHOUT ROWID;
