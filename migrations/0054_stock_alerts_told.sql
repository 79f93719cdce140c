-- Since when those who work in the warehouse have been told by mail that so many units lie so, in epoch milliseconds; nothing: fewer do, or nobody was told.
ALTER TABLE stock_thresholds ADD COLUMN told_at {bigint};
