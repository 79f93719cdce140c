-- What can be given in exchange. `reserved`: units held for exchanges that were approved (see `reservations`), part of `quantity`.
CREATE TABLE stock (
    warehouse  TEXT    NOT NULL,
    sku        TEXT    NOT NULL,
    quantity   BIGINT NOT NULL,
    reserved   BIGINT NOT NULL DEFAULT 0,
    variant_of TEXT,
    name       TEXT,
    variant    TEXT,
    price      BIGINT,
    currency   TEXT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (warehouse, sku)
);
CREATE INDEX stock_by_sku ON stock (sku);
CREATE INDEX stock_by_family ON stock (variant_of) WHERE variant_of IS NOT NULL;

CREATE TABLE reservations (
    rma       TEXT    NOT NULL,
    order_key TEXT    NOT NULL,
    line_id   TEXT    NOT NULL,
    warehouse TEXT    NOT NULL,
    sku       TEXT    NOT NULL,
    quantity  BIGINT NOT NULL,
    PRIMARY KEY (rma, order_key, line_id)
);
