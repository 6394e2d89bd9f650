using Npgsql;
using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>
/// State and reminders in a PostgreSQL database. One engine at a time may use it: the connection that writes holds an advisory
/// lock, so an engine that has lost the lock has also lost the means to write.
/// </summary>
public sealed class PostgresGrainStore(string connectionString) : GroupCommitStore
{
    const int SchemaVersion = 1;
    const long LockNumber = 0x6772_6169_6e73;
    const string Row = "grain_type = $1 AND grain_key = $2 AND name = $3";
    const string Schema = """
        CREATE TABLE grain_meta (key text PRIMARY KEY, value bigint NOT NULL);
        CREATE SEQUENCE grain_etag;
        CREATE TABLE grain_state (
            grain_type text NOT NULL, grain_key text NOT NULL, name text NOT NULL,
            etag bigint NOT NULL, data bytea NOT NULL,
            PRIMARY KEY (grain_type, grain_key, name));
        CREATE TABLE grain_reminder (
            grain_type text NOT NULL, grain_key text NOT NULL, name text NOT NULL,
            etag bigint NOT NULL, start_at bigint NOT NULL, period bigint NOT NULL,
            PRIMARY KEY (grain_type, grain_key, name));
        INSERT INTO grain_meta VALUES ('schema', 1);
        """;

    readonly NpgsqlConnectionStringBuilder _settings = new(connectionString) { MaxAutoPrepare = 20 };
    NpgsqlDataSource? _source;
    NpgsqlConnection? _writer;

    string Place => $"database {_settings.Database} on {_settings.Host}";

    public override async ValueTask<StoredRecord?> ReadAsync(RecordKey key, CancellationToken cancellationToken)
    {
        await using var command = _source!.CreateCommand($"SELECT data, etag FROM grain_state WHERE {Row}");
        AddKey(command.Parameters, key);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? new((byte[])row.GetValue(0), ETags.Text(row.GetInt64(1))) : null;
    }

    public override async Task<IReadOnlyList<StoredReminder>> ReadRemindersAsync(GrainId? grain)
    {
        await using var command = _source!.CreateCommand("SELECT grain_type, grain_key, name, start_at, period, etag FROM grain_reminder"
            + (grain is null ? "" : " WHERE grain_type = $1 AND grain_key = $2"));
        if (grain is { } one)
        {
            command.Parameters.Add(new() { Value = one.Type.ToString() });
            command.Parameters.Add(new() { Value = one.Key.ToString() });
        }

        var reminders = new List<StoredReminder>();
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            reminders.Add(new(GrainId.Create(row.GetString(0), row.GetString(1)), row.GetString(2),
                new DateTimeOffset(row.GetInt64(3), TimeSpan.Zero), TimeSpan.FromTicks(row.GetInt64(4)), ETags.Text(row.GetInt64(5))));
        }

        return reminders;
    }

    private protected override Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            _source = NpgsqlDataSource.Create(_settings);
            var writer = Writer();
            if (Scalar(writer, "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'grain_meta'") == 0)
                Scalar(writer, Schema);
            if (Scalar(writer, "SELECT value FROM grain_meta WHERE key = 'schema'") is var found && found != SchemaVersion)
                throw new StorageUnusableException($"{Place} has schema {found}, this version knows {SchemaVersion}. Use the version that wrote it, or a newer one.");
            return Task.CompletedTask;
        }
        catch (Exception exception)
        {
            CloseStore();
            if (exception is NpgsqlException)
                throw new StorageUnusableException($"{Place} cannot be used ({exception.Message}). Check that it runs, and the connection string.", exception);
            throw;
        }
    }

    private protected override void Commit(List<StoreCommand> batch)
    {
        try
        {
            // One round trip; without a transaction of our own the whole batch is one.
            using var commands = new NpgsqlBatch(Writer());
            foreach (var command in batch) commands.BatchCommands.Add(ToSql(command));
            using var results = commands.ExecuteReader();
            foreach (var command in batch)
            {
                command.Result = results.Read() ? ETags.Text(results.GetInt64(0)) : null;
                results.NextResult();
            }
        }
        catch (PostgresException) when (batch.Count > 1)
        {
            // The server refused one and so undid all: each alone, then, and only the refused one fails.
            foreach (var command in batch) CommitAlone(command);
            return;
        }

        foreach (var command in batch) Judge(command);
    }

    private protected override void CloseStore()
    {
        _writer?.Dispose();
        _source?.Dispose();
    }

    static void AddKey(NpgsqlParameterCollection parameters, RecordKey key)
    {
        parameters.Add(new() { Value = key.Grain.Type.ToString() });
        parameters.Add(new() { Value = key.Grain.Key.ToString() });
        parameters.Add(new() { Value = key.Name });
    }

    static NpgsqlBatchCommand ToSql(StoreCommand command)
    {
        var sql = new NpgsqlBatchCommand();
        AddKey(sql.Parameters, command.Key);
        if (command.ETag is not null) sql.Parameters.Add(new() { Value = ETags.Number(command.ETag) });
        switch (command.Kind)
        {
            case StoreCommandKind.Write:
                sql.Parameters.Add(new() { Value = command.Data.ToArray() });
                sql.CommandText = command.ETag is null
                    ? "INSERT INTO grain_state VALUES ($1, $2, $3, nextval('grain_etag'), $4) ON CONFLICT DO NOTHING RETURNING etag"
                    : $"UPDATE grain_state SET etag = nextval('grain_etag'), data = $5 WHERE {Row} AND etag = $4 RETURNING etag";
                break;
            case StoreCommandKind.Clear:
                sql.CommandText = command.ETag is null
                    ? $"SELECT etag FROM grain_state WHERE {Row}"
                    : $"DELETE FROM grain_state WHERE {Row} AND etag = $4 RETURNING etag";
                break;
            case StoreCommandKind.UpsertReminder:
                sql.Parameters.Add(new() { Value = command.Reminder!.StartAt.UtcTicks });
                sql.Parameters.Add(new() { Value = command.Reminder.Period.Ticks });
                sql.CommandText = """
                    INSERT INTO grain_reminder VALUES ($1, $2, $3, nextval('grain_etag'), $4, $5)
                    ON CONFLICT (grain_type, grain_key, name) DO UPDATE SET etag = excluded.etag, start_at = $4, period = $5 RETURNING etag
                    """;
                break;
            case StoreCommandKind.DeleteReminder:
                sql.CommandText = $"DELETE FROM grain_reminder WHERE {Row} AND etag = $4 RETURNING etag";
                break;
        }

        return sql;
    }

    static long Scalar(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(command.ExecuteScalar(), null);
    }

    void CommitAlone(StoreCommand command)
    {
        try
        {
            Commit([command]);
        }
        catch (PostgresException exception)
        {
            command.Error = StoreErrors.Refused(command.Key, exception);
        }
        catch (NpgsqlException exception)
        {
            command.Error = StoreErrors.Unknown(exception);
        }
    }

    /// <summary>No row from a write, or one from a clear that expected none: the record was not as expected.</summary>
    void Judge(StoreCommand command)
    {
        var conflict = command.Kind switch
        {
            StoreCommandKind.Write => command.Result is null,
            StoreCommandKind.Clear => command.Result is null != command.ETag is null,
            _ => false,
        };
        if (!conflict) return;
        using var current = new NpgsqlCommand($"SELECT etag FROM grain_state WHERE {Row}", Writer());
        AddKey(current.Parameters, command.Key);
        command.Error = StoreErrors.Conflict(command.Key, current.ExecuteScalar() is long stored ? ETags.Text(stored) : null, command.ETag);
    }

    /// <summary>The connection that holds the lock; a new one where it was lost.</summary>
    NpgsqlConnection Writer()
    {
        if (_writer is { FullState: System.Data.ConnectionState.Open }) return _writer;
        _writer?.Dispose();
        _writer = _source!.OpenConnection();
        try
        {
            // The server may take a moment to notice that a connection is gone, and hold its lock until then.
            Scalar(_writer, $"SET lock_timeout = '3s'; SELECT 1 FROM pg_advisory_lock({LockNumber}); SET lock_timeout = 0; SELECT 1");
            return _writer;
        }
        catch (Exception exception)
        {
            // Open but without the lock, it must not be taken for the writer.
            _writer.Dispose();
            _writer = null;
            if (exception is not PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable }) throw;
            throw new StorageUnusableException($"{Place} is in use by another process. Stop that one, or configure another database.", exception);
        }
    }
}
