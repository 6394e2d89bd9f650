using Microsoft.Data.Sqlite;
using SessionManager.Changes;
using SessionManager.Sessions;
using SessionManager.Storage;
using SessionManager.Storage.Sqlite;
using SessionManager.Tests.Storage.Sessions;

namespace SessionManager.Tests.Storage.Sqlite;

/// <summary>A session store in a file of its own.</summary>
sealed class SqliteTestStore : TestStore
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sessions");

    SqliteTestStore() => Database = new SqliteDatabase(File);

    public SqliteFile File => new(Path.Combine(_folder.FullName, "sessions.db"));
    public SqliteDatabase Database { get; }
    public override ISessionStore Store => new SqliteSessionStore(Database);
    public override IChangeFeed Feed => new SqliteChangeFeed(Database);
    protected override IDatabase Kept => Database;

    public static async Task<SqliteTestStore> Open()
    {
        var test = new SqliteTestStore();
        await test.Prepare();
        return test;
    }

    public Task Prepare() => Database.Prepare(new SessionOptions(), TestSessions.Start);

    public override async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        using (var connection = File.Connection())
            SqliteConnection.ClearPool(connection);
        _folder.Delete(recursive: true);
    }
}
