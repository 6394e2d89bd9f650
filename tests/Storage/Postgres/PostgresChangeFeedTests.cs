using System.Diagnostics;
using Dapper;
using Npgsql;
using SessionManager.Changes;
using SessionManager.Tests.Storage.Changes;

namespace SessionManager.Tests.Storage.Postgres;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresChangeFeedTests : ChangeFeedContract
{
    string ConnectionString => ((PostgresTestStore)Test).ConnectionString;

    private protected override async Task<TestStore> Open() => await PostgresTestStore.Open();

    [StoreFact]
    public async Task An_event_that_commits_after_a_younger_one_is_not_missed()
    {
        var start = await Feed.Now(Never);
        await using var slow = new NpgsqlConnection(ConnectionString);
        await slow.OpenAsync();
        await using var open = await slow.BeginTransactionAsync();
        await slow.ExecuteAsync("INSERT INTO session_events (session_id, seq, account_id, at, type) VALUES ('ses_slow', 1, 'usr_a', 0, 'minted')");
        await Mint("ses_fast");

        Assert.Empty((await Feed.After(start, 10, Never)).Events);
        await open.CommitAsync();

        Assert.Equal(["ses_slow", "ses_fast"], (await Follow(start, 2)).Select(one => one.SessionId));
    }

    [StoreFact]
    public async Task In_a_database_restored_from_a_dump_events_are_still_followed()
    {
        await Mint("ses_old");
        await using (var connection = new NpgsqlConnection(ConnectionString))
            await connection.ExecuteAsync("UPDATE session_events SET transaction_id = '99999999999'");

        await using var restarted = await PostgresTestStore.Open(ConnectionString);
        var start = await restarted.Feed.Now(Never);
        await Mint("ses_new");

        Assert.Equal("ses_new", Assert.Single(await Follow(start, 1)).SessionId);
    }

    /// <summary>As the driver's own spans tell.</summary>
    protected override async Task<int> Statements(Func<IChangeFeed, Task> act)
    {
        var statements = 0;
        using var parent = new Activity("counted").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => statements += activity.TraceId == parent.TraceId ? 1 : 0,
        };
        ActivitySource.AddActivityListener(listener);
        await act(Feed);
        return statements;
    }
}
