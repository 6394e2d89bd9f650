using System.Collections.Immutable;
using Dapper;
using Npgsql;
using SessionManager.Audit;
using SessionManager.Sessions;
using SessionManager.Storage;
using SessionManager.Storage.Audit;
using SessionManager.Storage.Postgres;
using SessionManager.Storage.Sessions;
using SessionManager.Storage.Users;
using SessionManager.Users;

namespace SessionManager.Tests.Storage.Migration;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresMigrationTests : MigrationContract, IAsyncLifetime
{
    string _place = "";
    NpgsqlDataSource _pool = null!;
    PostgresDatabase _database = null!;

    private protected override DateTimeOffset Stopped => EarlierData.PostgresStopped;
    protected override ImmutableArray<Session> Listed => EarlierData.Listed("postgres-sessions.json");
    protected override string MintedLast => "ses_2feiu6ss3hx5znlomqs7sfbwg4";
    protected override double StreamedSeconds => 2.479;
    protected override ISessionStore Store => new PostgresSessionStore(_database);
    protected override ISessionQueries Queries => new SessionQueries(_database);
    protected override IAuditLog Log => new AuditLog(_database);
    protected override IUserList Users => new UserList(_database);

    public async Task InitializeAsync()
    {
        _place = await EarlierData.MakeDatabase();
        _pool = NpgsqlDataSource.Create(_place);
        _database = new PostgresDatabase(_pool, _place);
        await _database.Prepare(new SessionOptions(), Stopped);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await _pool.DisposeAsync();
    }

    protected override Task StartAgain() => _database.Prepare(new SessionOptions(), Stopped.AddHours(1));

    [StoreFact]
    public async Task Of_silos_that_start_at_once_one_migrates()
    {
        var other = await EarlierData.MakeDatabase();
        await using var source = NpgsqlDataSource.Create(other);
        var databases = Enumerable.Range(0, 4).Select(_ => new PostgresDatabase(source, other)).ToArray();

        await Task.WhenAll(databases.Select(one => Task.Run(() => one.Prepare(new SessionOptions(), Stopped))));

        await using var connection = await source.OpenConnectionAsync();
        Assert.Equal(1 + Listed.Length, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM sessions"));
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM grain_state WHERE type_name = 'session'"));
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM reminder"));
        Assert.Equal(2, await connection.ExecuteScalarAsync<int>("SELECT MAX(version) FROM journal_version"));
        foreach (var one in databases)
            await one.DisposeAsync();
    }

    [StoreFact]
    public Task While_a_process_of_the_earlier_version_is_connected_nothing_is_changed() =>
        Refused(other => new NpgsqlConnection($"{other};Application Name=session-manager;Pooling=false"), "SELECT 1");

    [StoreFact]
    public Task While_a_silo_of_the_earlier_version_is_alive_nothing_is_changed() => Refused(
        other => new NpgsqlConnection($"{other};Application Name=of the operator's choice;Pooling=false"),
        """
        INSERT INTO cluster (deployment_id) VALUES ('session-manager') ON CONFLICT DO NOTHING;
        INSERT INTO cluster_member VALUES ('session-manager', '10.0.0.1', 11111, 1, 'silo', 'host', 3, 30000, NULL, now(), now())
        """);

    async Task Refused(Func<string, NpgsqlConnection> connect, string live)
    {
        var other = await EarlierData.MakeDatabase();
        await using var earlier = connect(other);
        await earlier.OpenAsync();
        await earlier.ExecuteAsync(live);
        await using var source = NpgsqlDataSource.Create(other);
        await using var refused = new PostgresDatabase(source, other);

        var problem = await Assert.ThrowsAsync<StorageUnusableException>(() => refused.Prepare(new SessionOptions(), Stopped));

        Assert.StartsWith("Processes of the earlier version still use the database", problem.Message, StringComparison.Ordinal);
        Assert.Equal(11, await earlier.ExecuteScalarAsync<int>("SELECT count(*) FROM grain_state WHERE type_name = 'session'"));
        Assert.Equal(4, await earlier.ExecuteScalarAsync<int>("SELECT MAX(version) FROM orleans_version"));
    }
}
