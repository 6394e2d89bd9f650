using Npgsql;
using SessionManager.Changes;
using SessionManager.Sessions;
using SessionManager.Storage;
using SessionManager.Storage.Postgres;
using SessionManager.Tests.Storage.Sessions;

namespace SessionManager.Tests.Storage.Postgres;

/// <summary>A session store in a database of its own. Opening the same database again stands for another process.</summary>
sealed class PostgresTestStore : TestStore
{
    readonly NpgsqlDataSource _pool;

    PostgresTestStore(string connectionString)
    {
        ConnectionString = connectionString;
        _pool = NpgsqlDataSource.Create(connectionString);
        Database = new PostgresDatabase(_pool, connectionString);
    }

    public string ConnectionString { get; }
    public PostgresDatabase Database { get; }
    public override ISessionStore Store => new PostgresSessionStore(Database);
    public override IChangeFeed Feed => new PostgresChangeFeed(Database);
    protected override IDatabase Kept => Database;

    public static async Task<PostgresTestStore> Open(string? connectionString = null)
    {
        var test = new PostgresTestStore(connectionString ?? PostgresServer.Shared.CreateDatabase());
        await test.Database.Prepare(new SessionOptions(), TestSessions.Start);
        return test;
    }

    public override async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _pool.DisposeAsync();
    }
}
