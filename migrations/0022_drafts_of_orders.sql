-- Which drafts are about an order: who was away for so long that their session ended finds the order again, and with it what they had begun.
-- A draft that a server of the version before began has no row here; it is found by its address alone, as before.
CREATE TABLE drafts_of_orders (
    order_key TEXT NOT NULL,
    draft     TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
    PRIMARY KEY (order_key, draft)
){by key};
CREATE INDEX drafts_of_orders_by_draft ON drafts_of_orders (draft);
