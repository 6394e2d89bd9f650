-- A grain's state is written whole: with many leases or places it is compressed at every write. LZ4 takes a fraction of the time
-- of PostgreSQL's own method. What is stored already stays readable; a server built without LZ4 goes on as before.
DO $body$
BEGIN
    ALTER TABLE grain_state ALTER COLUMN payload SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    RAISE NOTICE 'This server has no LZ4: grain states are compressed with pglz.';
END
$body$;
