-- Parcels of which the warehouse was told before they arrived, and on which day of the shop's.
CREATE TABLE goods_announced (
    rma             TEXT NOT NULL,
    tracking_number TEXT NOT NULL,
    day             TEXT NOT NULL,
    PRIMARY KEY (rma, tracking_number)
){by key};

CREATE INDEX goods_announced_by_day ON goods_announced (day);
