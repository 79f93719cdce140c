-- Orders by the payments that they were paid with, as a gateway calls them.
CREATE TABLE order_payments (
    payment   TEXT NOT NULL,
    order_key TEXT NOT NULL,
    PRIMARY KEY (payment, order_key)
) STRICT, WITHOUT ROWID;
INSERT INTO order_payments (payment, order_key)
SELECT DISTINCT paid.value ->> 'id', orders.number_key FROM orders, JSON_EACH(orders.document, '$.payments') AS paid
WHERE JSON_TYPE(paid.value, '$.id') = 'text' AND LENGTH(paid.value ->> 'id') <= 255;
