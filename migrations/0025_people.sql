-- People at work. `roles`, `limits`: JSON. `password`: Argon2id; nothing until they have chosen one. `factor`: what the codes of their second factor
-- are made of, locked with the server's secret; `factor_step`: that of their last code, which is not taken twice.
CREATE TABLE staff (
    id          TEXT     NOT NULL PRIMARY KEY,
    name        TEXT     NOT NULL,
    email       TEXT     NOT NULL,
    email_key   TEXT     NOT NULL,
    roles       TEXT     NOT NULL,
    limits      TEXT     NOT NULL,
    password    TEXT,
    factor      TEXT,
    factor_step {bigint} NOT NULL,
    created_at  {bigint} NOT NULL,
    ended_at    {bigint}
){by key};
CREATE UNIQUE INDEX staff_by_email ON staff (email_key);

-- Links by which somebody chooses a password and a second factor, once. `staff`: nobody yet in the one that makes the first admin.
CREATE TABLE staff_links (
    digest     TEXT     NOT NULL PRIMARY KEY,
    staff      TEXT,
    factor     TEXT     NOT NULL,
    expires_at {bigint} NOT NULL
){by key};

-- `address`: a seal, which tells one from another and nothing else. `agent`: how the browser calls itself. `told`: what its next page says on top.
CREATE TABLE staff_sessions (
    digest     TEXT     NOT NULL PRIMARY KEY,
    staff      TEXT     NOT NULL,
    began_at   {bigint} NOT NULL,
    used_at    {bigint} NOT NULL,
    expires_at {bigint} NOT NULL,
    address    TEXT     NOT NULL,
    agent      TEXT     NOT NULL,
    told       TEXT
){by key};
CREATE INDEX staff_sessions_by_staff ON staff_sessions (staff);
CREATE INDEX staff_sessions_by_end ON staff_sessions (expires_at);

-- Who did what. A row is written with what was done, and put into the chain within seconds: `hash` is over the row and the hash before. Personal values
-- and free text stand apart, and only their salted digest is in the chain, so that they can be erased and the chain stays whole.
CREATE TABLE audit (
    id       TEXT     NOT NULL PRIMARY KEY,
    at       {bigint} NOT NULL,
    actor    TEXT     NOT NULL,
    what     TEXT     NOT NULL,
    subject  TEXT     NOT NULL,
    address  TEXT,
    before   TEXT,
    after    TEXT,
    private  TEXT,
    seq      {bigint},
    hash     TEXT
){by key};
CREATE UNIQUE INDEX audit_by_seq ON audit (seq);
CREATE INDEX audit_unsealed ON audit (at, id) WHERE seq IS NULL;
CREATE INDEX audit_by_subject ON audit (subject, at);

CREATE TABLE audit_private (
    id    TEXT NOT NULL PRIMARY KEY,
    salt  TEXT NOT NULL,
    value TEXT NOT NULL
){by key};
