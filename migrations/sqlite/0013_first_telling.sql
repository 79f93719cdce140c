-- The order as it was told when the first return on it was opened, once it has been told anew: money follows that telling.
ALTER TABLE orders ADD COLUMN first_document TEXT;
