using Dapper;
using SessionManager.Hosting;
using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Journal;

public class JournalSchemaTests
{
    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Processes_that_start_at_once_make_the_tables_once(StorageProvider provider)
    {
        await using var journal = await JournalFixture.Create(provider);
        var databases = Enumerable.Range(0, 8).Select(_ => journal.OpenDatabase()).ToArray();
        await using (var connection = await journal.Database.OpenWriter())
            await connection.ExecuteAsync(
                "DROP TABLE journal_sessions; DROP TABLE journal_events; DROP TABLE journal_version;");

        await Task.WhenAll(databases.Select(database => Task.Run(database.Migrate)));

        await using (var connection = await journal.Database.Open(default))
            Assert.Equal([1], await connection.QueryAsync<int>("SELECT version FROM journal_version"));
    }

    [Theory]
    [InlineData("", "journal_sessions_newest")]
    [InlineData("AND state = 'connected'", "journal_sessions_by_state")]
    [InlineData("AND account_id = 'a'", "journal_sessions_of_account")]
    [InlineData("AND account_id = 'a' AND (created_at, session_id) < (5, 'x')", "journal_sessions_of_account")]
    [InlineData("AND account_id = 'a' AND state = 'connected' AND (created_at, session_id) < (5, 'x')", "journal_sessions_of_account_by_state")]
    public async Task Every_list_of_sessions_is_read_off_an_index_and_never_sorted(string narrowed, string index)
    {
        await using var journal = await JournalFixture.Create(SQLite);
        await using var connection = await journal.Database.Open(default);

        var steps = await connection.QueryAsync<(int, int, int, string Detail)>(
            $"""
            EXPLAIN QUERY PLAN SELECT * FROM journal_sessions
            WHERE purged_at IS NULL AND (dropped_at IS NULL OR dropped_at > 5) {narrowed} ORDER BY created_at DESC, session_id DESC LIMIT 51
            """);

        Assert.Contains($" USING INDEX {index}", Assert.Single(steps).Detail, StringComparison.Ordinal);
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Tables_of_a_newer_version_stop_the_start_with_one_line(StorageProvider provider)
    {
        await using var journal = await JournalFixture.Create(provider);
        await using (var connection = await journal.Database.OpenWriter())
            await connection.ExecuteAsync("INSERT INTO journal_version VALUES (99)");

        var problem = await Assert.ThrowsAsync<StorageUnusableException>(journal.Database.Migrate);

        Assert.Contains("newer version (99)", Assert.Single([problem.Message]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("SQLite format 3\0and then nothing that makes sense, for a good while, in this file of ours")]
    public async Task A_damaged_file_stops_the_start_with_one_line_naming_it(string content)
    {
        var folder = Directory.CreateTempSubdirectory();
        var path = Path.Combine(folder.FullName, "journal.db");
        await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat(content, 200)));
        var database = new SessionManager.Journal.JournalDatabase(new SessionManager.Storage.Sqlite.SqliteFile(path));

        var problem = await Assert.ThrowsAsync<StorageUnusableException>(database.Migrate);

        Assert.Contains(path, Assert.Single([problem.Message]), StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }
}
