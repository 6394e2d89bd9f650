using Dapper;
using Npgsql;
using SessionManager.Sessions;
using SessionManager.Tests.Storage.Sessions;
using static SessionManager.Tests.Storage.Sessions.TestSessions;

namespace SessionManager.Tests.Storage.Postgres;

/// <summary>A write under way and a new owner meet: whichever comes first, the new owner misses nothing.</summary>
[NeedsPostgres, Collection("PostgreSQL")]
public sealed class FenceTests : IAsyncLifetime
{
    PostgresTestStore _writer = null!;
    PostgresTestStore _successor = null!;
    Fence _account;
    Fence _node;

    public async Task InitializeAsync()
    {
        _writer = await PostgresTestStore.Open();
        _successor = await PostgresTestStore.Open(_writer.ConnectionString);
        _account = (await _writer.Store.TakeOwnership(OwnerKind.Account, "usr_a")).Fence;
        _node = (await _writer.Store.TakeOwnership(OwnerKind.Node, "node-1")).Fence;
    }

    public async Task DisposeAsync()
    {
        await _successor.DisposeAsync();
        await _writer.DisposeAsync();
    }

    [StoreFact]
    public async Task A_new_owner_waits_for_a_write_that_has_passed_the_check_and_then_finds_its_row()
    {
        await using var paused = await PausedCommits.Begin(_writer.ConnectionString);
        var insert = _writer.Store.Insert(Minted(Row("ses_1")), _account, _node);
        await paused.AwaitWaiting(1, insert);

        var takeover = _successor.Store.TakeOwnership(OwnerKind.Account, "usr_a");
        await paused.AwaitWaiting(2, takeover);
        await paused.End();

        Assert.Equal(WriteOutcome.Written, (await insert).Outcome);
        Assert.Equal("ses_1", Assert.Single((await takeover).Live).SessionId);
    }

    [StoreFact]
    public async Task A_write_that_waits_for_a_new_owner_sees_the_epoch_that_it_took()
    {
        await using var owner = new NpgsqlConnection(_writer.ConnectionString);
        await owner.OpenAsync();
        await using var taking = await owner.BeginTransactionAsync();
        // As a new owner does it, but slowly.
        await owner.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended('usr_a', 1))");
        await owner.ExecuteAsync("UPDATE owners SET epoch = epoch + 1 WHERE kind = 1 AND id = 'usr_a'");
        var insert = _writer.Store.Insert(Minted(Row("ses_1")), _account, _node);
        while (!insert.IsCompleted && await PausedCommits.Waiting(owner) == 0)
            await Task.Yield();
        await taking.CommitAsync();

        Assert.Equal(new WriteResult(WriteOutcome.Fenced, OwnerKind.Account), await insert);
        Assert.Null(await _writer.Store.Find("ses_1"));
    }

    [StoreFact]
    public async Task Writes_of_other_owners_do_not_wait_for_a_new_owner()
    {
        await using var owner = new NpgsqlConnection(_writer.ConnectionString);
        await owner.OpenAsync();
        await using var taking = await owner.BeginTransactionAsync();
        await owner.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended('usr_other', 1))");

        Assert.Equal(WriteOutcome.Written, (await _writer.Store.Insert(Minted(Row("ses_1")), _account, _node)).Outcome);
    }
}
