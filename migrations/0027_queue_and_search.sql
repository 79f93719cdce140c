-- The queue as people at work see it. `weight`: what is at stake, below zero, so that one index has what is due first and of that the more
-- valuable. `assignee`, `snoozed_until`: copies of what `task_assignments` says, so that each way to look at the queue is one piece of an index, and
-- counting reads nothing else.
ALTER TABLE tasks ADD COLUMN weight {bigint} NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN assignee TEXT;
ALTER TABLE tasks ADD COLUMN snoozed_until {bigint};
UPDATE tasks SET weight = -COALESCE(value, 0);
DROP INDEX tasks_by_role;
DROP INDEX tasks_by_due;
CREATE INDEX tasks_awake ON tasks (kind, due, weight, subject, snoozed_until) WHERE snoozed_until IS NULL;
CREATE INDEX tasks_of_nobody ON tasks (kind, due, weight, subject, snoozed_until, assignee) WHERE snoozed_until IS NULL AND assignee IS NULL;
CREATE INDEX tasks_asleep ON tasks (kind, due, weight, subject, snoozed_until, assignee) WHERE snoozed_until IS NOT NULL;
CREATE INDEX tasks_of_somebody ON tasks (assignee, due, weight, subject, kind, snoozed_until) WHERE assignee IS NOT NULL;

-- `until_news`: it wakes as well when something comes from outside. `said_by`: who said so last.
ALTER TABLE task_assignments ADD COLUMN until_news {bigint} NOT NULL DEFAULT 0;
ALTER TABLE task_assignments ADD COLUMN said_by TEXT;
CREATE INDEX task_assignments_by_waking ON task_assignments (snoozed_until) WHERE snoozed_until IS NOT NULL;

-- When it was whose turn last: tasks are given to everybody in turn.
CREATE TABLE task_turns (
    role  TEXT     NOT NULL,
    staff TEXT     NOT NULL,
    turn  {bigint} NOT NULL,
    PRIMARY KEY (role, staff)
){by key};

-- What returns are found by, as `domain::search` writes it. Personal data (names, phone numbers): erasing a customer deletes the rows of their
-- returns by `rma`; what is not said any more comes back with no rebuild. `ended`: 1 where the return has come to an end.
CREATE TABLE search_terms (
    rma       TEXT           NOT NULL,
    kind      TEXT           NOT NULL,
    term      TEXT{by bytes} NOT NULL,
    ended     {bigint}       NOT NULL,
    opened_at {bigint}       NOT NULL,
    PRIMARY KEY (rma, kind, term)
){by key};
CREATE INDEX search_terms_found ON search_terms (kind, term, ended, opened_at DESC, rma);

-- What orders are found by beside their number and contact: serial numbers, and parcels on their way to the customer.
CREATE TABLE order_terms (
    order_key TEXT           NOT NULL,
    kind      TEXT           NOT NULL,
    term      TEXT{by bytes} NOT NULL,
    placed_at {bigint}       NOT NULL,
    PRIMARY KEY (order_key, kind, term)
){by key};
CREATE INDEX order_terms_found ON order_terms (kind, term, placed_at DESC, order_key);

-- Parcels that are waited for, by when they should be here.
CREATE INDEX expected_parcels_by_day ON expected_parcels (expected_until, rma) WHERE expected_until IS NOT NULL;

-- As `projected`, of a server that knows this migration: one of the version before leaves it behind.
ALTER TABLE returns ADD COLUMN projected_27 {bigint} NOT NULL DEFAULT 0;
CREATE INDEX returns_unprojected_27 ON returns (rma) WHERE projected_27 <> version;
