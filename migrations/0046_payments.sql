-- Attempts to pay what was promised, of all returns: what finance lists, and hands to its books.
CREATE TABLE payments (
    rma TEXT NOT NULL REFERENCES returns (rma),
    payment BIGINT NOT NULL,
    grant_no BIGINT NOT NULL,
    order_key TEXT NOT NULL,
    currency TEXT NOT NULL,
    -- Minor units.
    amount BIGINT NOT NULL,
    -- manual, gateway, store_credit
    way TEXT NOT NULL,
    -- pending, paid, failed, reversed
    state TEXT NOT NULL,
    reference TEXT,
    started_at BIGINT NOT NULL,
    PRIMARY KEY (rma, payment)
);
CREATE INDEX payments_by_time ON payments (started_at, rma, payment);
CREATE INDEX payments_by_state ON payments (state, started_at, rma, payment);
