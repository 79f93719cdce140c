-- Tables with large documents get a row number in SQLite; here they always had one.
SELECT 1;
