using Microsoft.Data.Sqlite;

namespace SessionManager.Peer;

/// <summary>One connection, one statement at a time, write-ahead log, every commit synced. Triggers count in the statement's own transaction.</summary>
sealed class SqliteMintStore : IMintStore
{
    const string Tables =
        """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        CREATE TABLE accounts (id TEXT PRIMARY KEY, active INTEGER NOT NULL DEFAULT 0, max_concurrent INTEGER NOT NULL);
        CREATE TABLE api_keys (hash BLOB PRIMARY KEY, account_id TEXT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE nodes (id INTEGER PRIMARY KEY, used INTEGER NOT NULL DEFAULT 0, capacity INTEGER NOT NULL);
        CREATE TABLE sessions (
            id TEXT PRIMARY KEY, account_id TEXT NOT NULL, node_id INTEGER NOT NULL, state TEXT NOT NULL,
            created_at INTEGER NOT NULL, token_expires_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX sessions_of_account ON sessions (account_id, created_at);
        CREATE TRIGGER minted AFTER INSERT ON sessions BEGIN
            UPDATE accounts SET active = active + 1 WHERE id = NEW.account_id;
            UPDATE nodes SET used = used + 1 WHERE id = NEW.node_id;
        END;
        """;

    const string MintStatement =
        """
        INSERT INTO sessions (id, account_id, node_id, state, created_at, token_expires_at)
        SELECT @id, accounts.id, (SELECT id FROM nodes WHERE used < capacity AND id >= @first ORDER BY id LIMIT 1), 'provisioned', @now, @expires
        FROM api_keys JOIN accounts ON accounts.id = api_keys.account_id
        WHERE api_keys.hash = @hash AND NOT api_keys.revoked AND accounts.active < accounts.max_concurrent
        RETURNING account_id
        """;

    readonly SqliteConnection connection;
    readonly SqliteCommand mint;
    readonly SemaphoreSlim turn = new(1);
    int nodeCount;

    public SqliteMintStore(string path)
    {
        connection = new SqliteConnection($"Data Source={path}");
        connection.Open();
        using (var create = connection.CreateCommand())
        {
            create.CommandText = Tables;
            create.ExecuteNonQuery();
        }

        mint = connection.CreateCommand();
        mint.CommandText = MintStatement;
        foreach (var name in new[] { "@id", "@first", "@now", "@expires", "@hash" })
            mint.Parameters.Add(new SqliteParameter(name, null));
    }

    public Task Fill(IEnumerable<byte[]> keyHashes, int nodes)
    {
        nodeCount = nodes;
        using var transaction = connection.BeginTransaction();
        for (var node = 0; node < nodes; node++)
            Execute("INSERT INTO nodes VALUES (@a, 0, 100000000)", node, null);
        var number = 0;
        foreach (var hash in keyHashes)
        {
            Execute("INSERT INTO accounts VALUES (@a, 0, 10000000)", $"acc_{number}", null);
            Execute("INSERT INTO api_keys VALUES (@b, @a, 0)", $"acc_{number++}", hash);
        }

        transaction.Commit();
        return Task.CompletedTask;
    }

    public async Task<string?> Mint(byte[] keyHash, string sessionId, DateTimeOffset now, DateTimeOffset expires)
    {
        await turn.WaitAsync();
        try
        {
            mint.Parameters["@id"].Value = sessionId;
            mint.Parameters["@first"].Value = (uint)sessionId.GetHashCode(StringComparison.Ordinal) % nodeCount;
            mint.Parameters["@now"].Value = now.ToUnixTimeMilliseconds();
            mint.Parameters["@expires"].Value = expires.ToUnixTimeMilliseconds();
            mint.Parameters["@hash"].Value = keyHash;
            return (string?)mint.ExecuteScalar();
        }
        finally
        {
            turn.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        mint.Dispose();
        turn.Dispose();
        return connection.DisposeAsync();
    }

    void Execute(string sql, object a, object? b)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("@a", a);
        if (b is not null)
            command.Parameters.AddWithValue("@b", b);
        command.ExecuteNonQuery();
    }
}
