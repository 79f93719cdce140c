-- Tables with large documents get a row number: in a tree ordered by its key every page holds few rows, on every level, and a row that is
-- new goes anywhere. So new rows go to the end, and only small indexes are looked through. https://www.sqlite.org/withoutrowid.html

CREATE TABLE orders_anew (
    number_key   TEXT    PRIMARY KEY,
    placed_at    INTEGER NOT NULL,
    email_key    TEXT,
    phone_key    TEXT,
    customer_ref TEXT,
    document     TEXT    NOT NULL,
    revision     INTEGER NOT NULL DEFAULT 1,
    updated_at   INTEGER NOT NULL
) STRICT;
INSERT INTO orders_anew SELECT * FROM orders;
DROP TABLE orders;
ALTER TABLE orders_anew RENAME TO orders;
CREATE INDEX orders_by_email ON orders (email_key, placed_at) WHERE email_key IS NOT NULL;
CREATE INDEX orders_by_phone ON orders (phone_key, placed_at) WHERE phone_key IS NOT NULL;
CREATE INDEX orders_by_customer ON orders (customer_ref, placed_at) WHERE customer_ref IS NOT NULL;

CREATE TABLE returns_anew (
    rma        TEXT    PRIMARY KEY,
    status     TEXT    NOT NULL,
    opened_at  INTEGER NOT NULL,
    email_key  TEXT,
    state      TEXT    NOT NULL,
    version    INTEGER NOT NULL
) STRICT;
INSERT INTO returns_anew SELECT * FROM returns;

CREATE TABLE return_orders_anew (
    order_key TEXT NOT NULL,
    rma       TEXT NOT NULL REFERENCES returns_anew (rma),
    PRIMARY KEY (order_key, rma)
) STRICT, WITHOUT ROWID;
INSERT INTO return_orders_anew SELECT * FROM return_orders;

CREATE TABLE return_events_anew (
    rma   TEXT    NOT NULL REFERENCES returns_anew (rma),
    seq   INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    actor TEXT    NOT NULL,
    event TEXT    NOT NULL,
    PRIMARY KEY (rma, seq)
) STRICT;
INSERT INTO return_events_anew SELECT * FROM return_events;

DROP TABLE return_events;
DROP TABLE return_orders;
DROP TABLE returns;
-- What refers to it is renamed with it.
ALTER TABLE returns_anew RENAME TO returns;
ALTER TABLE return_orders_anew RENAME TO return_orders;
ALTER TABLE return_events_anew RENAME TO return_events;
CREATE INDEX returns_by_opened ON returns (opened_at, rma);
CREATE INDEX returns_by_status ON returns (status, opened_at, rma);
CREATE INDEX returns_by_email ON returns (email_key, opened_at) WHERE email_key IS NOT NULL;

CREATE TABLE sessions_anew (
    digest     TEXT    PRIMARY KEY,
    data       TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO sessions_anew SELECT * FROM sessions;
DROP TABLE sessions;
ALTER TABLE sessions_anew RENAME TO sessions;
CREATE INDEX sessions_by_age ON sessions (expires_at);

CREATE TABLE drafts_anew (
    id         TEXT    PRIMARY KEY,
    data       TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO drafts_anew SELECT * FROM drafts;
DROP TABLE drafts;
ALTER TABLE drafts_anew RENAME TO drafts;
CREATE INDEX drafts_by_age ON drafts (updated_at);
