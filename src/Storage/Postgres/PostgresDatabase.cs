using System.Data.Common;
using Dapper;
using Npgsql;
using SessionManager.Storage.Sessions;

namespace SessionManager.Storage.Postgres;

/// <summary>The database that sessions are in: a pool to read from, and this process's one writer.</summary>
/// <param name="connectionString">With the password, which the pool does not tell any more.</param>
sealed class PostgresDatabase(NpgsqlDataSource pool, string connectionString) : IDatabase, IAsyncDisposable
{
    const string MigrationLock = "SELECT pg_advisory_xact_lock(5080003)";

    static readonly Schema Tables = new("sessions", MigrationLock, [SessionTables.Postgres]);

    public PostgresWriter Writer { get; } = new(connectionString);

    public async ValueTask<DbConnection> Open(CancellationToken cancellation) => await OpenPooled(cancellation);

    public ValueTask<NpgsqlConnection> OpenPooled(CancellationToken cancellation) => pool.OpenConnectionAsync(cancellation);

    /// <summary>Brings the tables to this version's form; of several processes starting at once, one does and the others wait.</summary>
    /// <exception cref="StorageUnusableException">The tables are of a newer version.</exception>
    public async Task Prepare()
    {
        await using var connection = await OpenPooled(CancellationToken.None);
        await Tables.Apply(connection, $"the database {connection.Database}");
        // In a database that was restored from a dump, transactions begin anew with small numbers.
        await connection.ExecuteAsync(
            "UPDATE session_events SET transaction_id = pg_current_xact_id() WHERE transaction_id > pg_current_xact_id()");
    }

    public ValueTask DisposeAsync() => Writer.DisposeAsync();
}
