using System.Data.Common;
using Microsoft.Data.Sqlite;
using SessionManager.Changes;
using SessionManager.Storage;
using SessionManager.Storage.Migration;
using SessionManager.Storage.Sqlite;
using SessionManager.Tests.Storage.Changes;
using SQLitePCL;

namespace SessionManager.Tests.Storage.Sqlite;

public sealed class SqliteChangeFeedTests : ChangeFeedContract
{
    private protected override async Task<TestStore> Open() => await SqliteTestStore.Open();

    protected override async Task<int> Statements(Func<IChangeFeed, Task> act)
    {
        var traced = new Traced(((SqliteTestStore)Test).Database);
        await act(new SqliteChangeFeed(traced));
        return traced.Statements.Count;
    }

    /// <summary>Has SQLite itself tell what it runs.</summary>
    sealed class Traced(IDatabase database) : IDatabase
    {
        public List<string> Statements { get; } = [];

        public MigratedKeys Migrated => database.Migrated;

        public async ValueTask<DbConnection> Open(CancellationToken cancellation)
        {
            var connection = (SqliteConnection)await database.Open(cancellation);
            raw.sqlite3_trace(connection.Handle, (_, statement) => Statements.Add(statement), null);
            return connection;
        }

        public Task Write(string sql, (string Name, object? Value)[] values) => database.Write(sql, values);

        public Task Append(string table, string sql, (string Name, object? Value)[] values) => database.Append(table, sql, values);
    }
}
