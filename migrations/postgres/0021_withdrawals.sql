-- What somebody fills in before they withdraw from a contract. `withdrawal`: what it became.
CREATE TABLE withdrawal_drafts (
    id         TEXT    PRIMARY KEY,
    data       TEXT    NOT NULL,
    version    BIGINT  NOT NULL,
    withdrawal TEXT,
    updated_at BIGINT  NOT NULL
);
CREATE INDEX withdrawal_drafts_by_age ON withdrawal_drafts (updated_at);

-- Statements of withdrawal, as they were made (Directive 2011/83/EU, art. 11a): a row never changes, and none goes within four years. `zone`: in
-- which the moment is told to the customer.
CREATE TABLE withdrawals (
    id          TEXT    PRIMARY KEY,
    received_at BIGINT  NOT NULL,
    zone        TEXT    NOT NULL,
    statement   TEXT    NOT NULL
);
CREATE INDEX withdrawals_by_received ON withdrawals (received_at, id);

CREATE OR REPLACE FUNCTION withdrawal_stays() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a statement of withdrawal stays as it was made, and is kept for four years';
END
$$;
CREATE TRIGGER withdrawals_never_change BEFORE UPDATE ON withdrawals FOR EACH ROW EXECUTE FUNCTION withdrawal_stays();
CREATE TRIGGER withdrawals_are_kept BEFORE DELETE ON withdrawals FOR EACH ROW
WHEN (OLD.received_at > (EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000)::BIGINT - 126489600000) EXECUTE FUNCTION withdrawal_stays();

-- How a withdrawal stands. `known_by`: how it is known to be of whoever ordered. `waits_for`: what keeps it from being done without a person;
-- somebody answers by `due_at`. `acknowledged`: how often its receipt was put among the mails.
CREATE TABLE withdrawal_standing (
    id           TEXT    PRIMARY KEY REFERENCES withdrawals (id),
    order_key    TEXT,
    known_by     TEXT,
    waits_for    TEXT,
    due_at       BIGINT  NOT NULL,
    rma          TEXT,
    settled_at   BIGINT,
    acknowledged BIGINT  NOT NULL
);
CREATE INDEX withdrawals_waiting ON withdrawal_standing (due_at, id) WHERE waits_for IS NOT NULL AND settled_at IS NULL;
