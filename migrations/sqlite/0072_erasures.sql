-- Customers who were erased: nothing here leads back to them. `stands_for`: the name that their ledgers have now.
CREATE TABLE erasures (
    id            TEXT   NOT NULL PRIMARY KEY,
    at            INTEGER NOT NULL,
    actor         TEXT   NOT NULL,
    orders        INTEGER NOT NULL,
    returns       INTEGER NOT NULL,
    files         INTEGER NOT NULL,
    files_gone_at INTEGER
) STRICT, WITHOUT ROWID;

-- Seals of the names and mail addresses they had: what the shop tells of such a customer again, beside an order, is not taken in.
CREATE TABLE erased_names (
    seal    TEXT   NOT NULL PRIMARY KEY,
    erasure TEXT   NOT NULL,
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Their orders, and who stands for them: told again, an order is taken in without who bought it.
CREATE TABLE erased_orders (
    order_key  TEXT   NOT NULL PRIMARY KEY,
    stands_for TEXT   NOT NULL,
    erasure    TEXT   NOT NULL
) STRICT, WITHOUT ROWID;

-- Of a statement of withdrawal, that it was made stays; who made it may go, once.
ALTER TABLE withdrawals ADD COLUMN erased_at INTEGER;
DROP TRIGGER withdrawals_never_change;
CREATE TRIGGER withdrawals_never_change BEFORE UPDATE ON withdrawals
WHEN OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL OR OLD.id <> NEW.id OR OLD.received_at <> NEW.received_at OR OLD.zone <> NEW.zone
BEGIN
    SELECT RAISE(ABORT, 'a statement of withdrawal stays as it was made');
END;
