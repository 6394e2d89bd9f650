using SessionManager.Sessions;
using SessionManager.Tests.Storage.Sessions;
using static SessionManager.Tests.Storage.Sessions.TestSessions;

namespace SessionManager.Tests.Storage.Postgres;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresWriterTests : IAsyncLifetime
{
    PostgresTestStore _test = null!;
    Fence _account;
    Fence _node;

    public async Task InitializeAsync()
    {
        _test = await PostgresTestStore.Open();
        _account = (await _test.Store.TakeOwnership(OwnerKind.Account, "usr_a")).Fence;
        _node = (await _test.Store.TakeOwnership(OwnerKind.Node, "node-1")).Fence;
    }

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    [StoreFact]
    public async Task Writes_that_wait_for_a_commit_share_the_next_one()
    {
        await using var paused = await PausedCommits.Begin(_test.ConnectionString);
        var first = Insert("ses_first");
        await paused.AwaitWaiting(1, first);
        var rest = Enumerable.Range(0, 256).Select(i => Insert($"ses_{i}")).ToArray();
        await paused.End();

        Assert.All(await Task.WhenAll([first, .. rest]), result => Assert.Equal(WriteOutcome.Written, result.Outcome));
        Assert.Equal(2, _test.Database.Writer.Commits);
    }

    [StoreFact]
    public async Task A_row_that_the_database_will_not_have_fails_alone()
    {
        var bad = Row("ses_bad") with { Model = "\0" };
        var (results, failure) = await WithOneThatFails(_test.Store.Insert(Minted(bad), _account, _node));

        Assert.Equal("22021", failure.SqlState);
        Assert.All(results, result => Assert.Equal(WriteOutcome.Written, result.Outcome));
        Assert.Null(await _test.Store.Find("ses_bad"));
    }

    [StoreFact]
    public async Task A_row_whose_events_the_database_will_not_have_is_not_written_either()
    {
        var row = Row("ses_bad");
        var twice = new SessionChange(row, [new(1, Start, "minted"), new(1, Start, "minted")], []);
        var (results, failure) = await WithOneThatFails(_test.Store.Insert(twice, _account, _node));

        Assert.Equal("23505", failure.SqlState);
        Assert.All(results, result => Assert.Equal(WriteOutcome.Written, result.Outcome));
        Assert.Null(await _test.Store.Find("ses_bad"));
    }

    [StoreFact]
    public async Task When_the_connection_breaks_the_outcome_is_not_known_and_the_next_write_has_a_new_one()
    {
        await using var paused = await PausedCommits.Begin(_test.ConnectionString);
        var first = Insert("ses_1");
        await paused.AwaitWaiting(1, first);
        var second = Insert("ses_2");
        await paused.BreakWaiting();
        await paused.End();

        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => first);
        Assert.Equal(WriteOutcome.Written, (await second).Outcome);
    }

    [StoreFact]
    public async Task Stopping_writes_what_waits_and_refuses_what_comes()
    {
        await using var paused = await PausedCommits.Begin(_test.ConnectionString);
        var writes = Enumerable.Range(0, 600).Select(i => Insert($"ses_{i}")).ToArray();
        await paused.AwaitWaiting(1, writes[0]);
        var stopping = _test.Database.DisposeAsync().AsTask();
        var late = Insert("ses_late");
        await paused.End();
        await stopping;

        await Assert.ThrowsAsync<ObjectDisposedException>(() => late);
        Assert.All(await Task.WhenAll(writes), result => Assert.Equal(WriteOutcome.Written, result.Outcome));
    }

    Task<WriteResult> Insert(string id) => _test.Store.Insert(Minted(Row(id)), _account, _node);

    async Task<(WriteResult[] Others, Npgsql.PostgresException Failure)> WithOneThatFails(Task<WriteResult> one)
    {
        var others = Enumerable.Range(0, 20).Select(i => Insert($"ses_{i}")).ToArray();
        return (await Task.WhenAll(others), await Assert.ThrowsAsync<Npgsql.PostgresException>(() => one));
    }
}
