-- Ways in: one-click tickets that open once, codes by mail, and the servers' common secret.

-- Digests of the names of tickets that were used, until they have expired.
CREATE TABLE used_tickets (
    digest     TEXT   PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX used_tickets_by_age ON used_tickets (expires_at);

-- One live code for each mail address. Neither the address nor the code can be read from it.
CREATE TABLE login_codes (
    subject    TEXT   PRIMARY KEY,
    digest     TEXT   NOT NULL,
    tries      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX login_codes_by_age ON login_codes (expires_at);

CREATE TABLE server_secrets (
    name       TEXT   PRIMARY KEY,
    value      TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
