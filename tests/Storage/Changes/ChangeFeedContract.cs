using SessionManager.Audit;
using SessionManager.Changes;
using SessionManager.Sessions;
using SessionManager.Tests.Storage.Sessions;
using static SessionManager.Tests.Storage.Sessions.TestSessions;

namespace SessionManager.Tests.Storage.Changes;

/// <summary>What those hear who follow everything, on each kind of database.</summary>
public abstract class ChangeFeedContract : DatabaseContract
{
    protected static readonly CancellationToken Never = CancellationToken.None;

    protected ISessionStore Store => Test.Store;

    protected IChangeFeed Feed => Test.Feed;

    IAuditLog Log => Test.Audit;

    [StoreFact]
    public async Task Who_follows_hears_of_each_event_once_and_from_now_on()
    {
        await Mint("ses_0");
        var start = await Feed.Now(Never);
        Assert.Empty((await Feed.After(start, 100, Never)).Events);
        var row = Row("ses_0");
        for (var i = 0; i < 5; i++)
        {
            var change = row.Next($"event{i}");
            await Store.Update(change, []);
            row = change.Row;
        }

        var heard = await Follow(start, 5);

        Assert.Equal(
            Enumerable.Range(0, 5).Select(i => $"ses_0 usr_a event{i}"),
            heard.Select(one => $"{one.SessionId} {one.AccountId} {one.Event.Type}"));
        Assert.Equal(new SessionEvent(2, row.LastActivityAt, "event0"), heard[0].Event);
        var end = await Feed.After(start with { Events = heard[^1].Cursor }, 2, Never);
        Assert.Empty(end.Events);
        Assert.Equal(heard[^1].Cursor, end.Next.Events);
        Assert.Equal("event2", (await Feed.After(start with { Events = heard[1].Cursor }, 1, Never)).Events[0].Event.Type);
        await Assert.ThrowsAsync<FormatException>(() => Feed.After(start with { Events = "bogus" }, 1, Never));
    }

    [StoreFact]
    public async Task Who_follows_goes_on_where_some_events_were_deleted()
    {
        await Mint("ses_0");
        var start = await Feed.Now(Never);
        await Store.Update(Row("ses_0").Dropped(Start), []);
        await Store.Clean(Start.AddDays(1), Start, 100);

        Assert.Empty((await Feed.After(start, 100, Never)).Events);
        var now = await Feed.Now(Never);
        Assert.Empty((await Feed.After(now, 100, Never)).Events);
        await Mint("ses_new");

        Assert.Equal("ses_new", Assert.Single(await Follow(start, 1)).SessionId);
        Assert.Equal("ses_new", Assert.Single(await Follow(now, 1)).SessionId);
    }

    [StoreFact]
    public async Task Who_follows_hears_of_each_entry_of_the_audit_once_and_from_now_on()
    {
        await Log.Append(Entry("before"));
        var start = await Feed.Now(Never);
        Assert.Empty((await Feed.After(start, 100, Never)).Entries);
        var writes = Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() => Log.Append(Entry($"action{i}")))));

        var heard = new List<AuditEntry>();
        var at = start;
        bool ended;
        do
        {
            ended = writes.IsCompleted;
            var batch = await Feed.After(at, 7, Never);
            heard.AddRange(batch.Entries);
            at = batch.Next;
            ended &= batch.Entries.IsEmpty;
        }
        while (!ended);

        await writes;
        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"action{i}").Order(), heard.Select(entry => entry.Action).Order());
        Assert.All(heard, entry => Assert.Equal(Entry(entry.Action), entry));
        await Assert.ThrowsAsync<FormatException>(() => Feed.After(start with { Audit = "bogus" }, 1, Never));
    }

    [StoreFact]
    public async Task Events_and_audit_are_read_in_one_statement_and_the_audit_only_where_it_is_asked_for()
    {
        var start = await Feed.Now(Never);
        await Mint("ses_0");
        await Log.Append(Entry("key.create"));
        await Follow(start, 1);

        ChangeBatch? both = null;
        Assert.Equal(1, await Statements(async feed => both = await feed.After(start, 100, Never)));
        Assert.Equal(("minted", "key.create"), (Assert.Single(both!.Events).Event.Type, Assert.Single(both.Entries).Action));
        Assert.Equal(1, await Statements(feed => feed.Now(Never)));
        var events = await Feed.After(start with { Audit = null }, 100, Never);
        Assert.Equal((1, 0, (string?)null), (events.Events.Length, events.Entries.Length, events.Next.Audit));
    }

    /// <summary>How many statements the database is sent meanwhile.</summary>
    protected abstract Task<int> Statements(Func<IChangeFeed, Task> act);

    /// <summary>
    /// Two at a time, until so many came. On PostgreSQL any transaction of the server that is still open keeps them back, so no other
    /// test of this kind runs beside these.
    /// </summary>
    protected async Task<List<FollowedEvent>> Follow(ChangePosition position, int count)
    {
        var heard = new List<FollowedEvent>();
        while (heard.Count < count)
        {
            var batch = await Feed.After(position, 2, Never);
            heard.AddRange(batch.Events);
            Assert.Equal(batch.Events is [.., var last] ? last.Cursor : position.Events, batch.Next.Events);
            position = batch.Next;
            await Task.Yield();
        }

        return heard;
    }

    protected async Task Mint(string id)
    {
        var account = (await Store.TakeOwnership(OwnerKind.Account, "usr_a")).Fence;
        var node = (await Store.TakeOwnership(OwnerKind.Node, "node-1")).Fence;
        await Store.Insert(Minted(Row(id)), account, node);
    }

    static AuditEntry Entry(string action) => new(Start, "usr_a", "key_1", action, "usr_b", "name 'x'", "127.0.0.1", "req_1");
}
