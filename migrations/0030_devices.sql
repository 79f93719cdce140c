-- Devices of the house that people share: on one of them somebody of the warehouse comes in by their password alone. `digest`: of what the device keeps.
-- `warehouses`: where it stands, JSON; empty: wherever whoever uses it works.
CREATE TABLE staff_devices (
    id         TEXT     NOT NULL PRIMARY KEY,
    digest     TEXT     NOT NULL,
    name       TEXT     NOT NULL,
    warehouses TEXT     NOT NULL,
    paired_at  {bigint} NOT NULL,
    used_at    {bigint} NOT NULL
){by key};
CREATE UNIQUE INDEX staff_devices_by_digest ON staff_devices (digest);

-- What an admin lets become one, within minutes. `seal`: of the code that is typed there. `id`: the device's, then.
CREATE TABLE staff_pairings (
    seal       TEXT     NOT NULL PRIMARY KEY,
    id         TEXT     NOT NULL,
    name       TEXT     NOT NULL,
    warehouses TEXT     NOT NULL,
    expires_at {bigint} NOT NULL
){by key};

-- On which of them a session was begun by the password alone.
ALTER TABLE staff_sessions ADD COLUMN device TEXT;
