-- The return that something is about, so that people at work read on its page what was told to the customer. What waits or was done before has it in its
-- payload, which ends with it.
ALTER TABLE outbox ADD COLUMN about TEXT;
UPDATE outbox SET about = SUBSTR(payload, LENGTH(payload) - 12, 11) WHERE payload LIKE '%"rma":"R-____-____"}';
CREATE INDEX outbox_about ON outbox (about, id) WHERE about IS NOT NULL;

-- The credit note of each payment that left (P26). `number`: the shop's own row, from 1, without a gap; `document`: all that stands in it, JSON, with the
-- names and addresses that the law wants kept.
CREATE TABLE credit_notes (
    number   {bigint} NOT NULL,
    rma      TEXT     NOT NULL,
    payment  TEXT     NOT NULL,
    at       {bigint} NOT NULL,
    document TEXT     NOT NULL,
    PRIMARY KEY (number)
){strict};
CREATE UNIQUE INDEX credit_notes_of_payment ON credit_notes (rma, payment);

-- What is done to many cases can be taken back as one: by which command each was done, and since when nothing more of it is.
ALTER TABLE bulk_items ADD COLUMN command TEXT;
ALTER TABLE bulk_runs ADD COLUMN stopped_at {bigint};
