-- Orders are kept by their number exactly as the shop writes it; looking one up is forgiving. What an order was kept by so far (without spaces
-- and `#`, in capitals) is what it is found by, where the two differ. No two orders had one number then.
ALTER TABLE orders ADD COLUMN found_by TEXT;

CREATE TABLE renamed (
    old TEXT PRIMARY KEY,
    new TEXT NOT NULL
) STRICT;
-- As the first return on it has it, where the shop has written it in another way since: what was returned stays with its order.
INSERT INTO renamed (old, new)
SELECT number_key, COALESCE(
  (SELECT part.value ->> 'number' FROM return_orders JOIN returns ON returns.rma = return_orders.rma, JSON_EACH(returns.state, '$.orders') AS part
    WHERE return_orders.order_key = number_key AND UPPER(REPLACE(REPLACE(part.value ->> 'number', ' ', ''), '#', '')) = number_key
    ORDER BY returns.opened_at, returns.rma LIMIT 1),
  document ->> '$.number', number_key)
FROM orders;
UPDATE renamed SET new = TRIM(REPLACE(REPLACE(REPLACE(new, CHAR(8203), ''), CHAR(65279), ''), CHAR(173), ''), ' ' || CHAR(9, 10, 13, 160, 12288));

UPDATE orders SET document = JSON_SET(document, '$.number', renamed.new)
FROM renamed WHERE renamed.old = orders.number_key AND TRIM(orders.document ->> '$.number') <> renamed.new;
UPDATE orders SET first_document = JSON_SET(first_document, '$.number', renamed.new)
FROM renamed WHERE renamed.old = orders.number_key AND TRIM(orders.first_document ->> '$.number') <> renamed.new;
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
