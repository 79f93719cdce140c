-- Times are epoch milliseconds (UTC). Documents are JSON text. Both databases have the same tables; see migrations/README.md.

CREATE TABLE policies (
    version        BIGINT PRIMARY KEY,
    effective_from BIGINT NOT NULL,
    published_at   BIGINT NOT NULL,
    document       TEXT   NOT NULL
);

CREATE TABLE orders (
    number_key   TEXT    PRIMARY KEY,
    placed_at    BIGINT  NOT NULL,
    email_key    TEXT,
    phone_key    TEXT,
    customer_ref TEXT,
    document     TEXT    NOT NULL,
    revision     BIGINT  NOT NULL DEFAULT 1,
    updated_at   BIGINT  NOT NULL
);
CREATE INDEX orders_by_email ON orders (email_key, placed_at) WHERE email_key IS NOT NULL;
CREATE INDEX orders_by_phone ON orders (phone_key, placed_at) WHERE phone_key IS NOT NULL;
CREATE INDEX orders_by_customer ON orders (customer_ref, placed_at) WHERE customer_ref IS NOT NULL;

-- Units that came back outside of this product, before or beside it.
CREATE TABLE credits (
    credit_note TEXT   NOT NULL,
    position    BIGINT NOT NULL,
    order_key   TEXT   NOT NULL,
    line_id     TEXT   NOT NULL,
    quantity    BIGINT NOT NULL,
    amount      BIGINT NOT NULL,
    PRIMARY KEY (credit_note, position, order_key, line_id)
);
CREATE INDEX credits_by_order ON credits (order_key);

CREATE TABLE customers (
    id         TEXT   PRIMARY KEY,
    email_key  TEXT,
    document   TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE returns (
    rma        TEXT   PRIMARY KEY,
    status     TEXT   NOT NULL,
    opened_at  BIGINT NOT NULL,
    email_key  TEXT,
    state      TEXT   NOT NULL,
    version    BIGINT NOT NULL
);
CREATE INDEX returns_by_opened ON returns (opened_at, rma);
CREATE INDEX returns_by_status ON returns (status, opened_at, rma);
CREATE INDEX returns_by_email ON returns (email_key, opened_at) WHERE email_key IS NOT NULL;

CREATE TABLE return_orders (
    order_key TEXT NOT NULL,
    rma       TEXT NOT NULL REFERENCES returns (rma),
    PRIMARY KEY (order_key, rma)
);

CREATE TABLE return_events (
    rma   TEXT   NOT NULL REFERENCES returns (rma),
    seq   BIGINT NOT NULL,
    at    BIGINT NOT NULL,
    actor TEXT   NOT NULL,
    event TEXT   NOT NULL,
    PRIMARY KEY (rma, seq)
);

CREATE TABLE outbox (
    id           TEXT   PRIMARY KEY,
    kind         TEXT   NOT NULL,
    payload      TEXT   NOT NULL,
    run_at       BIGINT NOT NULL,
    attempts     BIGINT NOT NULL DEFAULT 0,
    leased_until BIGINT,
    last_error   TEXT,
    done_at      BIGINT,
    dead_at      BIGINT
);
CREATE INDEX outbox_due ON outbox (run_at) WHERE done_at IS NULL AND dead_at IS NULL;

CREATE TABLE idempotency (
    scope      TEXT   NOT NULL,
    key        TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    answer     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE api_keys (
    digest     TEXT   PRIMARY KEY,
    name       TEXT   NOT NULL UNIQUE,
    scope      TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    digest     TEXT   PRIMARY KEY,
    data       TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_age ON sessions (expires_at);

CREATE TABLE drafts (
    id         TEXT   PRIMARY KEY,
    data       TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX drafts_by_age ON drafts (updated_at);

CREATE TABLE attempts (
    subject    TEXT   NOT NULL PRIMARY KEY,
    since      BIGINT NOT NULL,
    count      BIGINT NOT NULL
);

CREATE TABLE counters (
    name  TEXT  PRIMARY KEY,
    value BIGINT NOT NULL
);
