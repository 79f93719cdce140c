-- What customers said of how their returns went (A13, C37): what the return's last event of it says, written with that. `given_at`: when it was said first;
-- `words`: the customer's own.
CREATE TABLE feedback (
    rma      TEXT     NOT NULL,
    stars    {bigint} NOT NULL,
    words    TEXT,
    given_at {bigint} NOT NULL,
    PRIMARY KEY (rma)
){strict};
CREATE INDEX feedback_by_time ON feedback (given_at, rma);

-- What a rated return was about, as it was then: `facet` is `reason`, `product`, `carrier` or `warehouse`; `name` is what a product is called.
CREATE TABLE feedback_about (
    rma   TEXT NOT NULL,
    facet TEXT NOT NULL,
    value TEXT NOT NULL,
    name  TEXT,
    PRIMARY KEY (rma, facet, value)
){by key};

-- What people at work sort ratings by. `who`: the account.
CREATE TABLE feedback_tags (
    rma TEXT     NOT NULL,
    tag TEXT     NOT NULL,
    who TEXT     NOT NULL,
    at  {bigint} NOT NULL,
    PRIMARY KEY (rma, tag)
){by key};
CREATE INDEX feedback_tags_by_tag ON feedback_tags (tag, rma);
