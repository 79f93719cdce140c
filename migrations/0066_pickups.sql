-- Where couriers of the shop's own go round (B9, C48), and how many doors they call at. `document`: the area, JSON. Without any, fixed hours are offered everywhere.
CREATE TABLE pickup_areas (
    id         TEXT     NOT NULL,
    document   TEXT     NOT NULL,
    changed_at {bigint} NOT NULL,
    PRIMARY KEY (id)
){by key};

-- The door that is called at for a return, and when. `day`: days since 1970-01-01. `state`: `booked`, `collected`, `missed`; what is missed takes no room.
CREATE TABLE pickup_bookings (
    rma   TEXT     NOT NULL,
    area  TEXT     NOT NULL,
    day   {bigint} NOT NULL,
    slot  TEXT     NOT NULL,
    state TEXT     NOT NULL,
    at    {bigint} NOT NULL,
    PRIMARY KEY (rma)
){by key};
CREATE INDEX pickup_bookings_by_slot ON pickup_bookings (day, area, slot, rma);
