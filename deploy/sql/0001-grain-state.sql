-- What Orleans' ADO.NET providers expect of a database: one table, from which they read the text of every statement they run.
-- Table and column names here are fixed by Orleans; everything behind the statements is our own.
CREATE TABLE OrleansQuery
(
    QueryKey varchar(64) PRIMARY KEY,
    QueryText text NOT NULL
);

-- One row a grain's state. An update leaves every indexed column as it is, so with room left in the page PostgreSQL rewrites
-- the row in place (HOT) and touches no index.
CREATE TABLE grain_state
(
    service_id text NOT NULL,
    type_name text NOT NULL,
    type_hash integer NOT NULL,
    id_hash integer NOT NULL,
    id_n0 bigint NOT NULL,
    id_n1 bigint NOT NULL,
    id_text text,
    version integer NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(),
    payload bytea
) WITH (fillfactor = 80);

-- Two activations of one grain may both find no row and both write the first one. The row exists once: the index lets one of
-- them win, and NULLS NOT DISTINCT (PostgreSQL 15) makes that hold for grains without a text in their key, too.
CREATE UNIQUE INDEX grain_state_grain
    ON grain_state (id_hash, type_hash, id_n0, id_n1, id_text, type_name, service_id) NULLS NOT DISTINCT;

-- Returns the version written, or null where another writer was first: the provider makes an InconsistentStateException of it.
CREATE FUNCTION write_grain_state(
    the_service text, the_type text, the_type_hash integer,
    the_id_hash integer, the_n0 bigint, the_n1 bigint, the_text text,
    read_version integer, new_payload bytea)
RETURNS integer
LANGUAGE plpgsql
AS $body$
DECLARE
    written integer;
BEGIN
    IF read_version IS NULL THEN
        INSERT INTO grain_state (service_id, type_name, type_hash, id_hash, id_n0, id_n1, id_text, version, payload)
        VALUES (the_service, the_type, the_type_hash, the_id_hash, the_n0, the_n1, the_text, 1, new_payload)
        ON CONFLICT DO NOTHING
        RETURNING version INTO written;
    ELSIF the_text IS NULL THEN
        UPDATE grain_state SET version = version + 1, written_at = now(), payload = new_payload
        WHERE id_hash = the_id_hash AND type_hash = the_type_hash AND id_n0 = the_n0 AND id_n1 = the_n1 AND id_text IS NULL
            AND type_name = the_type AND service_id = the_service AND version = read_version
        RETURNING version INTO written;
    ELSE
        UPDATE grain_state SET version = version + 1, written_at = now(), payload = new_payload
        WHERE id_hash = the_id_hash AND type_hash = the_type_hash AND id_n0 = the_n0 AND id_n1 = the_n1 AND id_text = the_text
            AND type_name = the_type AND service_id = the_service AND version = read_version
        RETURNING version INTO written;
    END IF;
    RETURN written;
END
$body$;

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('WriteToStorageKey', $query$
SELECT write_grain_state(
    @ServiceId, @GrainTypeString, @GrainTypeHash, @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainIdExtensionString,
    @GrainStateVersion, @PayloadBinary) AS NewGrainStateVersion
$query$),
('ReadFromStorageKey', $query$
SELECT payload AS PayloadBinary, version AS Version
FROM grain_state
WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
    AND id_text IS NOT DISTINCT FROM @GrainIdExtensionString
    AND type_name = @GrainTypeString AND service_id = @ServiceId
$query$),
('ClearStorageKey', $query$
UPDATE grain_state SET version = version + 1, written_at = now(), payload = NULL
WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
    AND id_text IS NOT DISTINCT FROM @GrainIdExtensionString
    AND type_name = @GrainTypeString AND service_id = @ServiceId AND version = @GrainStateVersion
RETURNING version AS NewGrainStateVersion
$query$),
('DeleteStorageKey', $query$
DELETE FROM grain_state
WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
    AND id_text IS NOT DISTINCT FROM @GrainIdExtensionString
    AND type_name = @GrainTypeString AND service_id = @ServiceId AND version = @GrainStateVersion
RETURNING version + 1 AS NewGrainStateVersion
$query$);
