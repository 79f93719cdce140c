-- Who somebody at work is to a provider of sign-on (OpenID Connect): linked when they first came that way, and nobody else's from then on.
CREATE TABLE staff_subjects (
    issuer    TEXT     NOT NULL,
    subject   TEXT     NOT NULL,
    staff     TEXT     NOT NULL,
    linked_at {bigint} NOT NULL,
    PRIMARY KEY (issuer, subject)
){by key};
CREATE UNIQUE INDEX staff_subjects_by_staff ON staff_subjects (staff, issuer);

-- Who is on the way to the provider. `digest`: of what comes back with them. `browser`: digest of the session that they went off with.
-- `secret`: what the answer is to hold, locked with the server's secret.
CREATE TABLE staff_sign_ons (
    digest     TEXT     NOT NULL PRIMARY KEY,
    browser    TEXT     NOT NULL,
    secret     TEXT     NOT NULL,
    expires_at {bigint} NOT NULL
){by key};
CREATE INDEX staff_sign_ons_by_end ON staff_sign_ons (expires_at);
