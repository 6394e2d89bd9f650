-- Which silos there are. Every change of a member also raises the cluster's version, in one statement: two silos that decide
-- on the same version cannot both be heard, and a change that comes too late changes nothing.
CREATE TABLE cluster
(
    deployment_id text PRIMARY KEY,
    version integer NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE cluster_member
(
    deployment_id text NOT NULL REFERENCES cluster,
    address text NOT NULL,
    port integer NOT NULL,
    generation integer NOT NULL,
    silo_name text NOT NULL,
    host_name text NOT NULL,
    status integer NOT NULL,
    proxy_port integer NOT NULL,
    suspect_times text,
    started_at timestamptz(3) NOT NULL,
    alive_at timestamptz(3) NOT NULL,
    PRIMARY KEY (deployment_id, address, port, generation)
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey', $query$
WITH added AS (
    INSERT INTO cluster (deployment_id) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1
)
SELECT EXISTS (SELECT FROM added)
$query$),
('InsertMembershipKey', $query$
WITH raised AS (
    UPDATE cluster SET version = version + 1, changed_at = now()
    WHERE deployment_id = @DeploymentId AND version = @Version
        AND NOT EXISTS (
            SELECT FROM cluster_member
            WHERE deployment_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
    RETURNING deployment_id
), added AS (
    INSERT INTO cluster_member
        (deployment_id, address, port, generation, silo_name, host_name, status, proxy_port, started_at, alive_at)
    SELECT deployment_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
    FROM raised
    RETURNING 1
)
SELECT EXISTS (SELECT FROM added)
$query$),
('UpdateMembershipKey', $query$
WITH raised AS (
    UPDATE cluster SET version = version + 1, changed_at = now()
    WHERE deployment_id = @DeploymentId AND version = @Version
        AND EXISTS (
            SELECT FROM cluster_member
            WHERE deployment_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
    RETURNING deployment_id
), changed AS (
    UPDATE cluster_member SET status = @Status, suspect_times = @SuspectTimes, alive_at = @IAmAliveTime
    FROM raised
    WHERE cluster_member.deployment_id = raised.deployment_id
        AND address = @Address AND port = @Port AND generation = @Generation
    RETURNING 1
)
SELECT EXISTS (SELECT FROM changed)
$query$),
('UpdateIAmAlivetimeKey', $query$
UPDATE cluster_member SET alive_at = @IAmAliveTime
WHERE deployment_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$query$),
-- The version comes back even where there is no member: hence the outer join.
('MembershipReadRowKey', $query$
SELECT address AS Address, port AS Port, generation AS Generation, silo_name AS SiloName, host_name AS HostName,
    status AS Status, proxy_port AS ProxyPort, suspect_times AS SuspectTimes, started_at AS StartTime,
    alive_at AS IAmAliveTime, cluster.version AS Version
FROM cluster
LEFT JOIN cluster_member ON cluster_member.deployment_id = cluster.deployment_id
    AND address = @Address AND port = @Port AND generation = @Generation
WHERE cluster.deployment_id = @DeploymentId
$query$),
('MembershipReadAllKey', $query$
SELECT address AS Address, port AS Port, generation AS Generation, silo_name AS SiloName, host_name AS HostName,
    status AS Status, proxy_port AS ProxyPort, suspect_times AS SuspectTimes, started_at AS StartTime,
    alive_at AS IAmAliveTime, cluster.version AS Version
FROM cluster
LEFT JOIN cluster_member ON cluster_member.deployment_id = cluster.deployment_id
WHERE cluster.deployment_id = @DeploymentId
$query$),
('GatewaysQueryKey', $query$
SELECT address AS Address, proxy_port AS ProxyPort, generation AS Generation
FROM cluster_member
WHERE deployment_id = @DeploymentId AND status = @Status AND proxy_port > 0
$query$),
-- 3 is Active: a live silo is never cleaned up, however late its sign of life.
('CleanupDefunctSiloEntriesKey', $query$
DELETE FROM cluster_member
WHERE deployment_id = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3
$query$),
('DeleteMembershipTableEntriesKey', $query$
WITH gone AS (
    DELETE FROM cluster_member WHERE deployment_id = @DeploymentId
)
DELETE FROM cluster WHERE deployment_id = @DeploymentId
$query$);
