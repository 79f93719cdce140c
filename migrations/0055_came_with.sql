-- What came in a parcel of a return beside what was announced waits as a parcel that nobody knows does. `came_with`: the return; `receipt`: the number by
-- which it was booked in there; `units`: how many came. `shelf` is empty till it is put on one.
ALTER TABLE stray_parcels ADD COLUMN came_with TEXT;
ALTER TABLE stray_parcels ADD COLUMN receipt TEXT;
ALTER TABLE stray_parcels ADD COLUMN units {bigint};
CREATE INDEX stray_parcels_came_with ON stray_parcels (came_with) WHERE came_with IS NOT NULL;
