-- What people at work share: saved replies, macros, views of the queue, rules by which tasks are given out. `kind`: which of these; `role`: for whom;
-- `document`: JSON, as its kind has it. Each kind is a short list, read as a whole.
CREATE TABLE shared (
    kind       TEXT     NOT NULL,
    id         TEXT     NOT NULL,
    role       TEXT     NOT NULL,
    name       TEXT     NOT NULL,
    document   TEXT     NOT NULL,
    made_by    TEXT     NOT NULL,
    changed_at {bigint} NOT NULL,
    PRIMARY KEY (kind, id)
){by key};
