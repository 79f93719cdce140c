-- Links that are given to couriers: each lets in to the doors of one area on one day (C48), until it is over or withdrawn. `id` names it in the link, which is
-- signed and kept nowhere. `day`: days since 1970-01-01. `made_by`: the account of who gave it out.
CREATE TABLE pickup_rounds (
    id       TEXT     NOT NULL,
    area     TEXT     NOT NULL,
    day      {bigint} NOT NULL,
    made_by  TEXT     NOT NULL,
    made_at  {bigint} NOT NULL,
    until    {bigint} NOT NULL,
    ended_at {bigint},
    PRIMARY KEY (id)
){by key};
CREATE INDEX pickup_rounds_by_day ON pickup_rounds (day, id);

-- What the courier wrote at the door.
ALTER TABLE pickup_bookings ADD COLUMN note TEXT;
