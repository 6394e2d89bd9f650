using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;
using SessionManager.Storage;
using SessionManager.Storage.Sqlite;
using SessionManager.Tests.Storage.Postgres;
using SessionManager.Tests.Storage.Sessions;
using SessionManager.Tests.Storage.Sqlite;

namespace SessionManager.Tests.Storage;

public class SchemaTests
{
    [PostgresFact]
    public async Task Processes_that_start_at_once_make_the_tables_once()
    {
        var place = PostgresServer.Shared.CreateDatabase();

        var stores = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => PostgresTestStore.Open(place))));

        await using var connection = new NpgsqlConnection(place);
        Assert.Equal([1, 2], await connection.QueryAsync<int>("SELECT version FROM storage_version"));
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task Tables_of_a_newer_version_stop_the_start_with_one_line()
    {
        await using var test = await SqliteTestStore.Open();
        await test.Database.Write("INSERT INTO storage_version VALUES (99)", []);

        var problem = await Assert.ThrowsAsync<StorageUnusableException>(test.Prepare);

        Assert.Contains("newer version (99)", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("SQLite format 3\0and then nothing that makes sense, for a good while, in this file of ours")]
    public async Task A_damaged_file_stops_the_start_with_one_line_naming_it(string content)
    {
        var folder = Directory.CreateTempSubdirectory();
        var path = Path.Combine(folder.FullName, "sessions.db");
        await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat(content, 200)));
        await using var database = new SqliteDatabase(new SqliteFile(path));

        var problem = await Assert.ThrowsAsync<StorageUnusableException>(() => database.Prepare(new(), TestSessions.Start));

        Assert.Contains(path, problem.Message, StringComparison.Ordinal);
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("state <> 'dropped'", "sessions_live")]
    [InlineData("state = 'dropped' AND (created_at, session_id) < (5, 'x')", "sessions_past")]
    [InlineData("state <> 'dropped' AND account_id = 'a' AND state = 'connected'", "sessions_live_of_account")]
    [InlineData("state = 'dropped' AND account_id = 'a' AND (created_at, session_id) < (5, 'x')", "sessions_past_of_account")]
    public async Task A_list_of_sessions_is_read_off_an_index_and_never_sorted(string narrowed, string index)
    {
        await using var test = await SqliteTestStore.Open();
        await using var connection = await test.Database.Open(CancellationToken.None);

        var steps = await connection.QueryAsync<(int, int, int, string Detail)>(
            $"EXPLAIN QUERY PLAN SELECT * FROM sessions WHERE {narrowed} ORDER BY created_at DESC, session_id DESC LIMIT 51");

        Assert.Matches($" USING INDEX {index}( |$)", Assert.Single(steps).Detail);
    }
}
