using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Data.Sqlite;
using SessionManager.Audit;
using SessionManager.Sessions;
using SessionManager.Storage;
using SessionManager.Storage.Audit;
using SessionManager.Storage.Sessions;
using SessionManager.Storage.Sqlite;
using SessionManager.Storage.Users;
using SessionManager.Users;

namespace SessionManager.Tests.Storage.Migration;

public sealed class SqliteMigrationTests : MigrationContract, IAsyncLifetime
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("earlier");
    SqliteDatabase _database = null!;

    private protected override DateTimeOffset Stopped => EarlierData.SqliteStopped;
    protected override ImmutableArray<Session> Listed => EarlierData.Listed("sqlite-sessions.json");
    protected override string MintedLast => "ses_dr6xua4rdejmuqy33dt6mudrii";
    protected override double StreamedSeconds => 2.264;
    protected override ISessionStore Store => new SqliteSessionStore(_database);
    protected override ISessionQueries Queries => new SessionQueries(_database);
    protected override IAuditLog Log => new AuditLog(_database);
    protected override IUserList Users => new UserList(_database);

    public async Task InitializeAsync()
    {
        EarlierData.MakeFiles(_folder);
        _database = new SqliteDatabase(new SqliteFile(Path.Combine(_folder.FullName, "sessions.db")));
        await _database.Prepare(new SessionOptions(), Stopped);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    protected override Task StartAgain() => _database.Prepare(new SessionOptions(), Stopped.AddHours(1));

    [Fact]
    public async Task What_the_grains_keep_is_without_their_sessions()
    {
        await using var grains = Open("grains");
        var account = await Record(grains, "account", "usr_fklvc3bvjnuijdg33d2uuitkbi");
        var node = await Record(grains, "node", "demo-node");

        Assert.Equal(20, account["MaxConcurrent"]!.GetValue<int>());
        Assert.Equal(["IsAdmin", "KeysEnabled", "LoginEpoch", "MaxConcurrent", "MaxStreamSeconds", "MonthlyHours", "OpenedAt", "RevokedKeys", "Suspended", "Version"],
            account.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["Draining", "Lost", "OwnerId", "Registration", "Version"], node.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal(0, await grains.ExecuteScalarAsync<int>("SELECT count(*) FROM OrleansStorage WHERE GrainType = 'session'"));
        Assert.Equal(0, await grains.ExecuteScalarAsync<int>("SELECT count(*) FROM OrleansReminders"));
    }

    [Fact]
    public async Task An_earlier_program_is_told_that_it_is_too_old()
    {
        await using SqliteConnection grains = Open("grains"), journal = Open("journal");

        Assert.Equal(2, await grains.ExecuteScalarAsync<int>("SELECT MAX(version) FROM orleans_version"));
        Assert.Equal(2, await journal.ExecuteScalarAsync<int>("SELECT MAX(version) FROM journal_version"));
    }

    [Fact]
    public async Task A_damaged_record_stops_the_start_with_one_line_and_changes_nothing()
    {
        var other = Directory.CreateTempSubdirectory("damaged");
        EarlierData.MakeFiles(other);
        await using (var grains = Open("grains", other))
            await grains.ExecuteAsync("UPDATE OrleansStorage SET Payload = CAST('{\"Version\":1' AS BLOB) WHERE GrainKey = 'ses_ijafloeseyeqeot2lyexvs5o7y'");
        await using var damaged = new SqliteDatabase(new SqliteFile(Path.Combine(other.FullName, "sessions.db")));

        var problem = await Assert.ThrowsAsync<StorageUnusableException>(() => damaged.Prepare(new SessionOptions(), Stopped));

        Assert.StartsWith("The record of the session ses_ijafloeseyeqeot2lyexvs5o7y is damaged", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", problem.Message, StringComparison.Ordinal);
        Assert.Empty((await new SessionQueries(damaged).List(new(), null, 10, CancellationToken.None)).Data);
        await using (var grains = Open("grains", other))
        {
            Assert.Equal(11, await grains.ExecuteScalarAsync<int>("SELECT count(*) FROM OrleansStorage WHERE GrainType = 'session'"));
            Assert.NotNull((await Record(grains, "account", "usr_fklvc3bvjnuijdg33d2uuitkbi"))["Leases"]);
        }
    }

    [Fact]
    public async Task Half_of_the_earlier_data_stops_the_start_with_one_line_and_changes_nothing()
    {
        var other = Directory.CreateTempSubdirectory("half");
        EarlierData.MakeFiles(other);
        File.Delete(Path.Combine(other.FullName, "journal.db"));
        await using var half = new SqliteDatabase(new SqliteFile(Path.Combine(other.FullName, "sessions.db")));

        var problem = await Assert.ThrowsAsync<StorageUnusableException>(() => half.Prepare(new SessionOptions(), Stopped));

        Assert.Contains("journal.db is missing", problem.Message, StringComparison.Ordinal);
        await using var grains = Open("grains", other);
        Assert.Equal(11, await grains.ExecuteScalarAsync<int>("SELECT count(*) FROM OrleansStorage WHERE GrainType = 'session'"));
    }

    [Fact]
    public async Task A_first_start_that_was_cut_off_is_no_earlier_data()
    {
        var other = Directory.CreateTempSubdirectory("new");
        await File.WriteAllBytesAsync(Path.Combine(other.FullName, "grains.db"), []);
        await using var first = new SqliteDatabase(new SqliteFile(Path.Combine(other.FullName, "sessions.db")));

        await first.Prepare(new SessionOptions(), Stopped);

        Assert.Empty(await new SqliteSessionStore(first).NodesInUse());
    }

    SqliteConnection Open(string name, DirectoryInfo? of = null) =>
        new($"Data Source={Path.Combine((of ?? _folder).FullName, name)}.db;Pooling=false");

    static async Task<JsonObject> Record(SqliteConnection grains, string type, string key) => JsonNode.Parse(
        await grains.ExecuteScalarAsync<byte[]>("SELECT Payload FROM OrleansStorage WHERE GrainType = @type AND GrainKey = @key", new { type, key }))!.AsObject();
}
