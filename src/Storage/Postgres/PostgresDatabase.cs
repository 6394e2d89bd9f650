using System.Data.Common;
using Dapper;
using Npgsql;
using SessionManager.Sessions;
using SessionManager.Storage.Migration;
using SessionManager.Storage.Orleans;

namespace SessionManager.Storage.Postgres;

/// <summary>The database: a pool to read from, and this process's one writer of sessions.</summary>
/// <param name="connectionString">With the password, which the pool does not tell any more.</param>
sealed class PostgresDatabase(NpgsqlDataSource pool, string connectionString) : IDatabase, IAsyncDisposable
{
    public MigratedKeys Migrated { get; } = new();

    public PostgresWriter Writer { get; } = new(connectionString);

    public async ValueTask<DbConnection> Open(CancellationToken cancellation) => await OpenPooled(cancellation);

    public ValueTask<NpgsqlConnection> OpenPooled(CancellationToken cancellation) => pool.OpenConnectionAsync(cancellation);

    public async Task Write(string sql, (string Name, object? Value)[] values)
    {
        await using var connection = await OpenPooled(CancellationToken.None);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Command(sql, values) } };
        await batch.ExecuteNonQueryAsync();
    }

    public async Task Append(string table, string sql, (string Name, object? Value)[] values)
    {
        await using var connection = await OpenPooled(CancellationToken.None);
        // The number is taken behind the lock, and the lock is let go behind the commit.
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { Command("SELECT pg_advisory_xact_lock(hashtextextended(@table, 0))", [("table", table)]), Command(sql, values) },
        };
        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>
    /// Brings the tables to this version's form, and the data of the earlier version into them; of several processes starting at
    /// once, one does and the others wait.
    /// </summary>
    /// <exception cref="StorageUnusableException">The tables are of a newer version, or the earlier one is still running.</exception>
    public async Task Prepare(SessionOptions options, DateTimeOffset now)
    {
        await using var connection = await OpenPooled(CancellationToken.None);
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            var place = $"the database {connection.Database}";
            var migration = new PostgresMigration(connection, transaction);
            var due = await migration.IsDue();
            if (due)
                await migration.MakeRoom();
            await Tables.Postgres.Apply(connection, transaction, place);
            if (due)
            {
                await migration.Move(options, now);
                await OrleansTables.Postgres.Apply(connection, transaction, place);
            }

            await transaction.CommitAsync();
        }

        await Migrated.Look(connection, now);
        // In a database that was restored from a dump, transactions begin anew with small numbers.
        await connection.ExecuteAsync(
            "UPDATE session_events SET transaction_id = pg_current_xact_id() WHERE transaction_id > pg_current_xact_id()");
    }

    public ValueTask DisposeAsync() => Writer.DisposeAsync();

    static NpgsqlBatchCommand Command(string sql, (string Name, object? Value)[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}
