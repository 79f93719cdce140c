-- Repair orders. `steps`: all that happened to one, JSON; it leads to `state`, `technician`, `due`, `ended_at` and the lots, by which they are found. `sku`,
-- `name`: what is repaired. `warehouse`: where it was booked in.
CREATE TABLE repairs (
    number     {bigint} NOT NULL,
    rma        TEXT     NOT NULL,
    sku        TEXT     NOT NULL,
    name       TEXT     NOT NULL,
    warehouse  TEXT     NOT NULL,
    state      TEXT     NOT NULL,
    technician TEXT,
    due        {bigint} NOT NULL,
    ended_at   {bigint},
    steps      TEXT     NOT NULL,
    version    {bigint} NOT NULL,
    PRIMARY KEY (number)
){by key};
CREATE INDEX repairs_open ON repairs (due, number) WHERE ended_at IS NULL;
CREATE INDEX repairs_ended ON repairs (number) WHERE ended_at IS NOT NULL;
CREATE INDEX repairs_of_return ON repairs (rma, number);
