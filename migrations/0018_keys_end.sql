-- A key may end, and it is known when it was last used (to the hour).
ALTER TABLE api_keys ADD COLUMN expires_at {bigint};
ALTER TABLE api_keys ADD COLUMN used_at {bigint};
