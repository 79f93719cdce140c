-- Orders are kept by their number exactly as the shop writes it; looking one up is forgiving. What an order was kept by so far (without spaces
-- and `#`, in capitals) is what it is found by, where the two differ. No two orders had one number then.
ALTER TABLE orders ADD COLUMN found_by TEXT;

CREATE TABLE renamed (
    old TEXT PRIMARY KEY,
    new TEXT NOT NULL
);
-- As the first return on it has it, where the shop has written it in another way since: what was returned stays with its order.
INSERT INTO renamed (old, new)
SELECT number_key, COALESCE(
  (SELECT part ->> 'number' FROM return_orders JOIN returns ON returns.rma = return_orders.rma, JSON_ARRAY_ELEMENTS(returns.state::JSON -> 'orders') AS part
    WHERE return_orders.order_key = number_key AND UPPER(REPLACE(REPLACE(part ->> 'number', ' ', ''), '#', '')) = number_key
    ORDER BY returns.opened_at, returns.rma LIMIT 1),
  document::JSON ->> 'number', number_key)
FROM orders;
UPDATE renamed SET new = TRIM(REPLACE(REPLACE(REPLACE(new, CHR(8203), ''), CHR(65279), ''), CHR(173), ''), ' ' || CHR(9) || CHR(10) || CHR(13) || CHR(160) || CHR(12288));

UPDATE orders SET document = JSONB_SET(document::JSONB, '{number}', TO_JSONB(renamed.new))::TEXT
FROM renamed WHERE renamed.old = orders.number_key AND TRIM(orders.document::JSON ->> 'number') <> renamed.new;
UPDATE orders SET first_document = JSONB_SET(first_document::JSONB, '{number}', TO_JSONB(renamed.new))::TEXT
FROM renamed WHERE renamed.old = orders.number_key AND TRIM(orders.first_document::JSON ->> 'number') <> renamed.new;
DELETE FROM renamed WHERE new = old;
UPDATE orders SET found_by = renamed.old, number_key = renamed.new FROM renamed WHERE renamed.old = orders.number_key;
UPDATE credits SET order_key = renamed.new FROM renamed WHERE renamed.old = credits.order_key;
UPDATE return_orders SET order_key = renamed.new FROM renamed WHERE renamed.old = return_orders.order_key;
UPDATE return_lines SET order_key = renamed.new FROM renamed WHERE renamed.old = return_lines.order_key;
UPDATE order_versions SET order_key = renamed.new FROM renamed WHERE renamed.old = order_versions.order_key;
UPDATE reservations SET order_key = renamed.new FROM renamed WHERE renamed.old = reservations.order_key;
UPDATE evidence SET order_key = renamed.new FROM renamed WHERE renamed.old = evidence.order_key;
UPDATE uploads SET order_key = renamed.new FROM renamed WHERE renamed.old = uploads.order_key;

-- A server of the version before would look for those in vain, and write them a second time.
UPDATE compatibility SET least = 20 WHERE EXISTS (SELECT 1 FROM renamed);
DROP TABLE renamed;

CREATE INDEX orders_found_by ON orders (found_by) WHERE found_by IS NOT NULL;
