-- Where money of a return goes that leaves by bank transfer. Kept apart from returns and their events, and forgotten after `erase_at`. `payee`: holder
-- and account, JSON. `who`: `customer`, or the account of whoever typed it.
CREATE TABLE bank_accounts (
    rma      TEXT     NOT NULL,
    at       {bigint} NOT NULL,
    who      TEXT     NOT NULL,
    payee    TEXT     NOT NULL,
    erase_at {bigint} NOT NULL,
    PRIMARY KEY (rma)
){by key};
CREATE INDEX bank_accounts_to_erase ON bank_accounts (erase_at);

-- Transfers that go to the bank together.
CREATE TABLE transfer_batches (
    number {bigint} NOT NULL,
    at     {bigint} NOT NULL,
    who    TEXT     NOT NULL,
    PRIMARY KEY (number)
){by key};

-- A payment that is in a batch, and in no other. `payee`: as it was when the batch was made, JSON; empty once it is forgotten.
CREATE TABLE transfers (
    batch    {bigint} NOT NULL,
    nth      {bigint} NOT NULL,
    rma      TEXT     NOT NULL,
    payment  {bigint} NOT NULL,
    order_key TEXT    NOT NULL,
    currency TEXT     NOT NULL,
    amount   {bigint} NOT NULL,
    payee    TEXT     NOT NULL,
    erase_at {bigint} NOT NULL,
    PRIMARY KEY (batch, nth)
){by key};
CREATE UNIQUE INDEX transfers_of_payment ON transfers (rma, payment);
CREATE INDEX transfers_to_erase ON transfers (erase_at) WHERE payee <> '';
