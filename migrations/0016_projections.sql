-- What is read from returns in other ways than by their number. All of it is derived from events and written with them; `homebound rebuild`
-- makes it anew. `projected` is the version of a return that it shows: a server of the version before leaves it behind, and it is brought up
-- to date. A later migration that shows more adds a column beside it, so that both versions know what is theirs.
ALTER TABLE returns ADD COLUMN projected {bigint} NOT NULL DEFAULT 0;
CREATE INDEX returns_unprojected ON returns (rma) WHERE projected <> version;
-- When its tasks change though nothing happens.
ALTER TABLE returns ADD COLUMN next_change_at {bigint};
CREATE INDEX returns_by_next_change ON returns (next_change_at) WHERE next_change_at IS NOT NULL;

-- `held`: units that are taken (P10).
CREATE TABLE return_lines (
    rma        TEXT     NOT NULL,
    line       {bigint} NOT NULL,
    order_key  TEXT     NOT NULL,
    order_line TEXT     NOT NULL,
    sku        TEXT     NOT NULL,
    units      {bigint} NOT NULL,
    held       {bigint} NOT NULL,
    status     TEXT     NOT NULL,
    resolution TEXT     NOT NULL,
    reason     TEXT     NOT NULL,
    PRIMARY KEY (rma, line)
){by key};

-- `subject_kind`: `return`. `value`: minor units, for the order of what is due together.
CREATE TABLE tasks (
    subject_kind TEXT     NOT NULL,
    subject      TEXT     NOT NULL,
    kind         TEXT     NOT NULL,
    role         TEXT     NOT NULL,
    due          {bigint} NOT NULL,
    value        {bigint},
    currency     TEXT,
    PRIMARY KEY (subject_kind, subject, kind)
){by key};
CREATE INDEX tasks_by_role ON tasks (role, due, value);

-- Who does a task, and until when nobody does. Kept by hand, so it stands apart.
CREATE TABLE task_assignments (
    subject_kind  TEXT     NOT NULL,
    subject       TEXT     NOT NULL,
    kind          TEXT     NOT NULL,
    assignee      TEXT,
    snoozed_until {bigint},
    PRIMARY KEY (subject_kind, subject, kind)
){by key};

-- `parcel`: its place in the return, from 1. `expected_until`: nothing where it is not waited for. `void`: nothing should travel in it.
CREATE TABLE expected_parcels (
    tracking_number TEXT     NOT NULL,
    rma             TEXT     NOT NULL,
    parcel          {bigint} NOT NULL,
    expected_until  {bigint},
    void            {bigint} NOT NULL,
    PRIMARY KEY (tracking_number, rma)
){by key};

-- Once something was promised. Minor units.
CREATE TABLE money (
    rma      TEXT     NOT NULL,
    currency TEXT     NOT NULL,
    expected {bigint} NOT NULL,
    granted  {bigint} NOT NULL,
    paid     {bigint} NOT NULL,
    PRIMARY KEY (rma, currency)
){by key};
