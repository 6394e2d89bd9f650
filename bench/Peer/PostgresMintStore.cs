using Npgsql;
using NpgsqlTypes;

namespace SessionManager.Peer;

/// <summary>Pooled connections, statements prepared once on each, every commit synced.</summary>
sealed class PostgresMintStore(string connectionString) : IMintStore
{
    const string Tables =
        """
        CREATE TABLE accounts (id TEXT PRIMARY KEY, active INTEGER NOT NULL DEFAULT 0, max_concurrent INTEGER NOT NULL);
        CREATE TABLE api_keys (hash BYTEA PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts, revoked BOOLEAN NOT NULL DEFAULT FALSE);
        CREATE TABLE nodes (id INTEGER PRIMARY KEY, used INTEGER NOT NULL DEFAULT 0, capacity INTEGER NOT NULL);
        CREATE TABLE sessions (
            id TEXT PRIMARY KEY, account_id TEXT NOT NULL, node_id INTEGER NOT NULL, state TEXT NOT NULL,
            created_at TIMESTAMPTZ NOT NULL, token_expires_at TIMESTAMPTZ NOT NULL);
        CREATE INDEX sessions_of_account ON sessions (account_id, created_at);
        """;

    /// <summary>A node whose row another mint holds is passed over, so that mints of different accounts wait for nobody.</summary>
    const string MintStatement =
        """
        WITH account AS (
            UPDATE accounts SET active = active + 1
            WHERE id = (SELECT account_id FROM api_keys WHERE hash = $1 AND NOT revoked) AND active < max_concurrent
            RETURNING id),
        node AS (
            UPDATE nodes SET used = used + 1
            WHERE id = (SELECT id FROM nodes WHERE used < capacity ORDER BY (id < $5), id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id)
        INSERT INTO sessions (id, account_id, node_id, state, created_at, token_expires_at)
        SELECT $2, account.id, node.id, 'provisioned', $3, $4 FROM account, node
        RETURNING account_id
        """;

    readonly NpgsqlDataSource _source = new NpgsqlDataSourceBuilder(
        connectionString + ";Maximum Pool Size=64;Minimum Pool Size=16;Max Auto Prepare=8;Auto Prepare Min Usages=1;No Reset On Close=true").Build();

    int _nodeCount;

    public async Task Fill(IEnumerable<byte[]> keyHashes, int nodes)
    {
        _nodeCount = nodes;
        await using var connection = await _source.OpenConnectionAsync();
        await using (var create = new NpgsqlCommand(Tables, connection))
            await create.ExecuteNonQueryAsync();
        await using (var fill = new NpgsqlCommand("INSERT INTO nodes SELECT n, 0, 100000000 FROM generate_series(0, $1 - 1) n", connection)
        { Parameters = { new() { Value = nodes } } })
            await fill.ExecuteNonQueryAsync();
        var number = 0;
        foreach (var hash in keyHashes)
        {
            await using var add = new NpgsqlCommand(
                "WITH a AS (INSERT INTO accounts VALUES ($1, 0, 10000000) RETURNING id) INSERT INTO api_keys SELECT $2, id FROM a", connection)
            { Parameters = { new() { Value = $"acc_{number++}" }, new() { Value = hash } } };
            await add.ExecuteNonQueryAsync();
        }
    }

    public async Task<string?> Mint(byte[] keyHash, string sessionId, DateTimeOffset now, DateTimeOffset expires)
    {
        await using var command = _source.CreateCommand(MintStatement);
        command.Parameters.Add(new() { Value = keyHash });
        command.Parameters.Add(new() { Value = sessionId });
        command.Parameters.Add(new() { Value = now, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new() { Value = expires, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        // Where the search for a node begins: the same one for all would be one row that all queue for.
        command.Parameters.Add(new() { Value = (int)((uint)sessionId.GetHashCode(StringComparison.Ordinal) % _nodeCount) });
        return (string?)await command.ExecuteScalarAsync();
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
