using System.Data;
using System.Data.Common;
using Npgsql;

namespace SessionManager.InProcess;

/// <summary>
/// State and reminders in a PostgreSQL database. One engine at a time may use it: the connection that writes holds an advisory
/// lock, so an engine that has lost the lock has also lost the means to write.
/// </summary>
public sealed class PostgresGrainStore(string connectionString) : SqlGrainStore
{
    const long LockNumber = 0x6772_6169_6e73;

    readonly NpgsqlConnectionStringBuilder _settings = new(connectionString) { MaxAutoPrepare = 20 };
    NpgsqlDataSource? _source;
    NpgsqlConnection? _writer;

    private protected override string Place => $"database {_settings.Database} on {_settings.Host}";

    public override async ValueTask<StoredRecord?> ReadAsync(RecordKey key, CancellationToken cancellationToken)
    {
        await using var command = _source!.CreateCommand(Select);
        Set(command, KeyValues(key));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Record(row) : null;
    }

    private protected override long Open()
    {
        _source = NpgsqlDataSource.Create(_settings);
        _writer = ConnectAndLock();
        if (Execute(_writer, "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'grain_meta'") is null)
            Execute(_writer, $"CREATE SEQUENCE grain_etag; {Tables("bytea", "")}");
        return (long)Execute(_writer, "SELECT value FROM grain_meta WHERE key = 'schema'")!;
    }

    private protected override void Commit(List<StoreCommand> batch)
    {
        if (_writer!.FullState != ConnectionState.Open)
        {
            _writer.Dispose();
            _writer = ConnectAndLock();
        }

        // One round trip; without a transaction of our own the whole batch is one.
        using var statements = new NpgsqlBatch(_writer);
        foreach (var command in batch)
        {
            var statement = new NpgsqlBatchCommand(command.Sql);
            foreach (var (name, value) in command.Values) statement.Parameters.AddWithValue(name, value);
            statements.BatchCommands.Add(statement);
        }

        using var results = statements.ExecuteReader();
        foreach (var command in batch)
        {
            command.Result = results.Read() ? Text(results.GetInt64(0)) : null;
            results.NextResult();
        }
    }

    private protected override void Close()
    {
        _writer?.Dispose();
        _source?.Dispose();
    }

    private protected override async Task<DbConnection> ConnectAsync() => await _source!.OpenConnectionAsync();

    private protected override bool IsRefusal(Exception exception) => exception is PostgresException { SqlState: ['2', '2' or '3', ..] or ['5', '4', ..] };

    private protected override string? Diagnose(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => "is in use by another process. Stop that one, or configure another database.",
        NpgsqlException => $"cannot be used ({exception.Message}). Check that it runs, and the connection string.",
        _ => null,
    };

    NpgsqlConnection ConnectAndLock()
    {
        var connection = _source!.OpenConnection();
        try
        {
            // The server may take a moment to notice that a connection is gone, and hold its lock until then.
            Execute(connection, $"SET lock_timeout = '3s'; SELECT 1 FROM pg_advisory_lock({LockNumber}); SET lock_timeout = 0");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    static object? Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }
}
