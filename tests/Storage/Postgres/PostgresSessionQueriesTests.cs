using Dapper;
using Npgsql;
using SessionManager.Sessions;
using static SessionManager.Tests.Storage.TestSessions;

namespace SessionManager.Tests.Storage.Postgres;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresSessionQueriesTests : SessionQueriesContract, IAsyncLifetime
{
    PostgresTestStore _test = null!;

    public async Task InitializeAsync() => _test = await PostgresTestStore.Open();

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    protected override Task<(ISessionStore, ISessionQueries)> Open() => Task.FromResult((_test.Store, _test.Queries));

    [StoreFact]
    public async Task An_event_that_commits_after_a_younger_one_is_not_missed()
    {
        var node = (await _test.Store.TakeOwnership(OwnerKind.Node, "node-1")).Fence;
        var account = (await _test.Store.TakeOwnership(OwnerKind.Account, "usr_a")).Fence;
        var (_, cursor) = await _test.Queries.EventsAfter(null, 10, CancellationToken.None);
        await using var slow = new NpgsqlConnection(_test.ConnectionString);
        await slow.OpenAsync();
        await using var open = await slow.BeginTransactionAsync();
        await slow.ExecuteAsync("INSERT INTO session_events (session_id, seq, account_id, at, type) VALUES ('ses_slow', 1, 'usr_a', 0, 'minted')");
        await _test.Store.Insert(Minted(Row("ses_fast")), account, node);

        Assert.Empty((await _test.Queries.EventsAfter(cursor, 10, CancellationToken.None)).Events);
        await open.CommitAsync();

        Assert.Equal(["ses_slow", "ses_fast"], (await Follow(_test.Queries, cursor, 2)).Select(one => one.SessionId));
    }

    [StoreFact]
    public async Task In_a_database_restored_from_a_dump_events_are_still_followed()
    {
        var account = (await _test.Store.TakeOwnership(OwnerKind.Account, "usr_a")).Fence;
        var node = (await _test.Store.TakeOwnership(OwnerKind.Node, "node-1")).Fence;
        await _test.Store.Insert(Minted(Row("ses_old")), account, node);
        await using (var connection = new NpgsqlConnection(_test.ConnectionString))
            await connection.ExecuteAsync("UPDATE session_events SET transaction_id = '99999999999'");

        await using var restarted = await PostgresTestStore.Open(_test.ConnectionString);
        var (_, cursor) = await restarted.Queries.EventsAfter(null, 10, CancellationToken.None);
        await _test.Store.Insert(Minted(Row("ses_new")), account, node);

        Assert.Equal("ses_new", Assert.Single(await Follow(restarted.Queries, cursor, 1)).SessionId);
    }
}
