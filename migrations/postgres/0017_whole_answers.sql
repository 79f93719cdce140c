-- What a request asked (digest of method, address and who asks), and the whole answer to it.
ALTER TABLE idempotency ADD COLUMN request TEXT;
ALTER TABLE idempotency ADD COLUMN response TEXT;
