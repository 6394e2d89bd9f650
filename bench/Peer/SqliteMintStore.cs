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

    readonly SqliteConnection _connection;
    readonly SqliteCommand _mint;
    readonly SemaphoreSlim _turn = new(1);
    int _nodeCount;

    public SqliteMintStore(string path)
    {
        _connection = new SqliteConnection($"Data Source={path}");
        _connection.Open();
        using (var create = _connection.CreateCommand())
        {
            create.CommandText = Tables;
            create.ExecuteNonQuery();
        }

        _mint = _connection.CreateCommand();
        _mint.CommandText = MintStatement;
        foreach (var name in new[] { "@id", "@first", "@now", "@expires", "@hash" })
            _mint.Parameters.Add(new SqliteParameter(name, null));
    }

    public Task Fill(IEnumerable<byte[]> keyHashes, int nodes)
    {
        _nodeCount = nodes;
        using var transaction = _connection.BeginTransaction();
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
        await _turn.WaitAsync();
        try
        {
            _mint.Parameters["@id"].Value = sessionId;
            _mint.Parameters["@first"].Value = (uint)sessionId.GetHashCode(StringComparison.Ordinal) % _nodeCount;
            _mint.Parameters["@now"].Value = now.ToUnixTimeMilliseconds();
            _mint.Parameters["@expires"].Value = expires.ToUnixTimeMilliseconds();
            _mint.Parameters["@hash"].Value = keyHash;
            return (string?)_mint.ExecuteScalar();
        }
        finally
        {
            _turn.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        _mint.Dispose();
        _turn.Dispose();
        return _connection.DisposeAsync();
    }

    void Execute(string sql, object a, object? b)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("@a", a);
        if (b is not null)
            command.Parameters.AddWithValue("@b", b);
        command.ExecuteNonQuery();
    }
}
