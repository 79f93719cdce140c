-- Orders by the payments that they were paid with, as a gateway calls them.
CREATE TABLE order_payments (
    payment   TEXT NOT NULL,
    order_key TEXT NOT NULL,
    PRIMARY KEY (payment, order_key)
);
INSERT INTO order_payments (payment, order_key)
SELECT DISTINCT paid ->> 'id', orders.number_key
FROM orders, JSON_ARRAY_ELEMENTS(CASE WHEN JSON_TYPEOF(orders.document::JSON -> 'payments') = 'array' THEN orders.document::JSON -> 'payments' ELSE '[]'::JSON END) AS paid
WHERE JSON_TYPEOF(paid -> 'id') = 'string' AND LENGTH(paid ->> 'id') <= 255;
