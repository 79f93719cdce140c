-- Parcels that came and of which nobody knew whose they are. `clues`: what can be read of it, JSON, with a name and a phone number; emptied with what is
-- erased. `owner`: the account of whoever sees to it. `due`: by when it is to be decided. `rma`: the return it was found to be of.
CREATE TABLE stray_parcels (
    number    {bigint} NOT NULL,
    at        {bigint} NOT NULL,
    warehouse TEXT     NOT NULL,
    shelf     TEXT     NOT NULL,
    clues     TEXT     NOT NULL,
    note      TEXT,
    owner     TEXT     NOT NULL,
    due       {bigint} NOT NULL,
    state     TEXT     NOT NULL,
    rma       TEXT,
    reason    TEXT,
    ended_at  {bigint},
    version   {bigint} NOT NULL,
    PRIMARY KEY (number)
){by key};
CREATE INDEX stray_parcels_waiting ON stray_parcels (due, number) WHERE state = 'waiting';
CREATE INDEX stray_parcels_of_return ON stray_parcels (rma) WHERE rma IS NOT NULL;
