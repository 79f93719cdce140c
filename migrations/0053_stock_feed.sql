-- The order in which entries of the ledger could first be seen, from 1: what a shop follows without loss, whatever transaction ended first and whatever
-- clocks say. Given to entries that have none by whoever reads on; a server of the version before writes none, and loses nothing by that.
ALTER TABLE stock_moves ADD COLUMN nr {bigint};
CREATE UNIQUE INDEX stock_moves_by_nr ON stock_moves (nr) WHERE nr IS NOT NULL;
CREATE INDEX stock_moves_without_nr ON stock_moves (at, id) WHERE nr IS NULL;
