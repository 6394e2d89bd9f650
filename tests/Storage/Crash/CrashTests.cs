using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;
using SessionManager.Sessions;
using SessionManager.Storage.Sessions;
using SessionManager.Storage.Sqlite;
using SessionManager.Tests.Storage.Migration;
using SessionManager.Tests.Storage.Postgres;
using SessionManager.Tests.Storage.Sessions;

namespace SessionManager.Tests.Storage.Crash;

/// <summary>A process dies in the middle of what it does (SIGKILL), and another one goes on with its data.</summary>
public sealed class CrashTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crash");

    string Path => System.IO.Path.Combine(_folder.FullName, "sessions.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(1_000)]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_half_there(int acknowledged)
    {
        using var victim = new VictimProcess("sqlite", Path);
        var said = await victim.KillAfter(acknowledged);

        await using var database = new SqliteDatabase(new SqliteFile(Path));
        await database.Prepare(new SessionOptions(), TestSessions.Start);
        await AssertWhole(said, new SqliteSessionStore(database), new SessionQueries(database));
    }

    [PostgresFact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_half_there_on_PostgreSQL()
    {
        var place = PostgresServer.Shared.CreateDatabase();
        using var victim = new VictimProcess("postgres", place);
        var said = await victim.KillAfter(1_000);
        await NobodyElseIsConnected(place);

        await using var test = await PostgresTestStore.Open(place);
        await AssertWhole(said, test.Store, test.Queries);
    }

    [Theory]
    [InlineData("grains.db-journal")]
    [InlineData("sessions.db-journal")]
    public async Task A_migration_that_is_killed_is_done_whole_by_the_next_start(string seen)
    {
        const int copies = 1_500;
        EarlierData.MakeFiles(_folder);
        await Multiply(copies);
        using (var victim = new VictimProcess("migrate", Path))
        {
            while (!victim.HasExited && !File.Exists(System.IO.Path.Combine(_folder.FullName, seen)))
                await Task.Yield();
            victim.Kill();
        }

        await using var database = new SqliteDatabase(new SqliteFile(Path));
        await database.Prepare(new SessionOptions(), EarlierData.SqliteStopped);

        await using var connection = await database.Open(CancellationToken.None);
        Assert.Equal(11 + copies, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM sessions"));
        Assert.Equal(3, await connection.ExecuteScalarAsync<int>("SELECT sum(sessions) FROM usage"));
        Assert.Equal(4, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM audit"));
        await using var grains = new SqliteConnection($"Data Source={System.IO.Path.Combine(_folder.FullName, "grains.db")};Pooling=false");
        Assert.Equal(0, await grains.ExecuteScalarAsync<int>("SELECT count(*) FROM OrleansStorage WHERE GrainType = 'session'"));
        Assert.Equal(2, await grains.ExecuteScalarAsync<int>("SELECT MAX(version) FROM orleans_version"));
    }

    /// <summary>The database still finishes what it was asked before it notices who has died; only then do two readings say the same.</summary>
    static async Task NobodyElseIsConnected(string place)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(place) { Pooling = false }.ConnectionString);
        await Eventually.Holds("the dead process's connections have ended", TimeSpan.FromSeconds(30), () => connection.ExecuteScalarAsync<bool>(
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend')"));
    }

    /// <summary>As many more sessions as make a migration last a while.</summary>
    async Task Multiply(int copies)
    {
        await using var grains = new SqliteConnection($"Data Source={System.IO.Path.Combine(_folder.FullName, "grains.db")};Pooling=false");
        await grains.ExecuteAsync(
            """
            WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < @copies)
            INSERT INTO OrleansStorage
            SELECT ServiceId, GrainType, 'ses_copy' || n, GrainIdN0 + n, GrainIdN1, CAST(REPLACE(CAST(Payload AS TEXT), GrainKey, 'ses_copy' || n) AS BLOB), Version
            FROM OrleansStorage, number WHERE GrainKey = 'ses_4dz52kw4tnh2gugrva6yrvrqo4'
            """, new { copies });
    }

    static async Task AssertWhole(List<string> said, ISessionStore store, ISessionQueries queries)
    {
        var rows = (await store.Look(OwnerKind.Account, "usr_a")).Live;
        var versions = rows.ToDictionary(row => row.SessionId, row => row.Version);
        foreach (var line in said)
        {
            if (line.Split(' ') is [var id, { Length: > 0 } version])
                Assert.True(versions.GetValueOrDefault(id) >= long.Parse(version, CultureInfo.InvariantCulture), $"{line} was acknowledged.");
        }

        foreach (var row in rows)
            Assert.Equal(row.Version, (await queries.Detail(row.SessionId, CancellationToken.None))!.Value.Events.Length);
        Assert.Equal(
            rows.Count(row => row.Version == 2),
            await store.StreamedMilliseconds("usr_a", new(2026, 1, 1), new(2027, 1, 1)));
    }
}
