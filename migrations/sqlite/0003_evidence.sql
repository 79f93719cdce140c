-- What was uploaded to show a fault, cleaned. The files lie in the object store under `evidence/{id}`. `holder`: `draft`, `return` or
-- `key` (uploaded by machine before there is a return), `holder_id` names it; where it has become part of a return, that return.
CREATE TABLE evidence (
    id         TEXT   PRIMARY KEY,
    holder     TEXT   NOT NULL,
    holder_id  TEXT   NOT NULL,
    order_key  TEXT,
    line_id    TEXT,
    media      TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    bytes      INTEGER NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    pages      INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_by_holder ON evidence (holder, holder_id, created_at);

-- Uploads that may be taken up again after a broken connection, on whichever server. `outcome`: what became of it, once all of it
-- was there: the name of the evidence, or (with a `!` before it) why it was not kept.
CREATE TABLE uploads (
    id         TEXT   PRIMARY KEY,
    holder     TEXT   NOT NULL,
    holder_id  TEXT   NOT NULL,
    order_key  TEXT   NOT NULL,
    line_id    TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    size       INTEGER NOT NULL,
    received   INTEGER NOT NULL,
    outcome    TEXT,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_by_holder ON uploads (holder, holder_id);
CREATE INDEX uploads_by_age ON uploads (expires_at);

CREATE TABLE upload_parts (
    upload TEXT   NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    start  INTEGER NOT NULL,
    bytes  BLOB  NOT NULL,
    PRIMARY KEY (upload, start)
) STRICT;
