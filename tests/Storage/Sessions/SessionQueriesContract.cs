using SessionManager.Sessions;
using static SessionManager.Tests.Storage.Sessions.TestSessions;

namespace SessionManager.Tests.Storage.Sessions;

/// <summary>What the front end reads of sessions, on each kind of store.</summary>
public abstract class SessionQueriesContract : DatabaseContract
{
    static readonly CancellationToken Never = CancellationToken.None;

    [StoreFact]
    public async Task A_list_is_newest_first_and_goes_on_where_the_page_before_ended()
    {
        var (store, queries) = await Filled(7);

        var pages = new List<string>();
        string? cursor = null;
        do
        {
            var page = await queries.List(new(), cursor, 3, Never);
            pages.Add(string.Join(' ', page.Data.Select(row => row.SessionId)));
            cursor = page.Cursor;
        }
        while (cursor is not null);

        Assert.Equal(["ses_6 ses_5 ses_4", "ses_3 ses_2 ses_1", "ses_0"], pages);
        Assert.Null((await queries.List(new(), null, 7, Never)).Cursor);
        AssertSame((await store.Find("ses_6"))!, (await queries.List(new(), null, 1, Never)).Data[0]);
        await Assert.ThrowsAsync<FormatException>(() => queries.List(new(), "bogus", 1, Never));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queries.List(new(), null, 0, Never));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queries.List(new(), null, 201, Never));
    }

    [StoreFact]
    public async Task Sessions_of_one_instant_are_each_on_one_page()
    {
        var (store, queries) = (Test.Store, Test.Queries);
        var (account, node) = await Own(store);
        for (var i = 0; i < 5; i++)
            await store.Insert(Minted(Row($"ses_{i}")), account, node);

        var first = await queries.List(new(), null, 2, Never);
        var second = await queries.List(new(), first.Cursor, 200, Never);

        Assert.Equal(["ses_4", "ses_3", "ses_2", "ses_1", "ses_0"], first.Data.Concat(second.Data).Select(row => row.SessionId));
    }

    [StoreFact]
    public async Task A_list_shows_what_was_asked_for()
    {
        var (store, queries) = await Filled(3);
        var other = (await store.TakeOwnership(OwnerKind.Account, "usr_b")).Fence;
        var otherNode = (await store.TakeOwnership(OwnerKind.Node, "node-2")).Fence;
        var foreign = Row("ses_b", account: "usr_b", node: "node-2", seconds: 10) with { Region = "us" };
        await store.Insert(Minted(foreign), other, otherNode);
        await store.Update(Row("ses_1").Dropped(Start.AddSeconds(50)), []);
        await store.Update(foreign.Next("connected") with { Row = foreign with { Version = 2, State = SessionState.Connected } }, []);

        Assert.Equal("ses_2 ses_1 ses_0", await Ids(new(AccountId: "usr_a")));
        Assert.Equal("ses_b", await Ids(new(State: SessionState.Connected)));
        Assert.Equal("ses_2 ses_0", await Ids(new(AccountId: "usr_a", State: SessionState.Provisioned)));
        Assert.Equal("ses_1", await Ids(new(State: SessionState.Dropped)));
        Assert.Equal("ses_b", await Ids(new(NodeId: "node-2")));
        Assert.Equal("ses_b", await Ids(new(Region: "us")));
        Assert.Equal("ses_1", await Ids(new(Reason: DropReason.Idle)));
        Assert.Equal("", await Ids(new(Reason: DropReason.NodeLost)));
        Assert.Equal("ses_b ses_2 ses_1 ses_0", await Ids(new(NotDroppedBefore: Start.AddSeconds(50))));
        Assert.Equal("ses_b ses_2 ses_0", await Ids(new(NotDroppedBefore: Start.AddSeconds(50).AddMilliseconds(1))));

        async Task<string> Ids(SessionFilter filter) =>
            string.Join(' ', (await queries.List(filter, null, 200, Never)).Data.Select(row => row.SessionId));
    }

    [StoreFact]
    public async Task A_list_in_another_order_is_so_across_its_pages()
    {
        var (store, queries) = await Filled(7);
        foreach (var (number, second) in new[] { (1, 90), (2, 80), (4, 70), (5, 80) })
            await store.Update(Row($"ses_{number}", seconds: number).Dropped(Start.AddSeconds(second)), []);

        Assert.Equal("ses_0 ses_1 ses_2|ses_3 ses_4 ses_5|ses_6", await Pages(SessionOrder.OldestFirst));
        Assert.Equal("ses_1 ses_5 ses_2|ses_4", await Pages(SessionOrder.LastDroppedFirst));
        var first = await queries.List(new(), null, 1, Never);
        await Assert.ThrowsAsync<FormatException>(() => queries.List(new(Order: SessionOrder.OldestFirst), first.Cursor, 1, Never));

        async Task<string> Pages(SessionOrder order)
        {
            var seen = new List<string>();
            string? cursor = null;
            do
            {
                var page = await queries.List(new(Order: order), cursor, 3, Never);
                seen.Add(string.Join(' ', page.Data.Select(row => row.SessionId)));
                cursor = page.Cursor;
            }
            while (cursor is not null);
            return string.Join('|', seen);
        }
    }

    [StoreFact]
    public async Task A_list_can_be_of_a_time_of_mints_or_of_drops()
    {
        var (store, queries) = await Filled(4);
        await store.Update(Row("ses_0").Dropped(Start.AddSeconds(60)), []);
        await store.Update(Row("ses_3", seconds: 3).Dropped(Start.AddSeconds(70)), []);

        Assert.Equal("ses_2 ses_1", await Ids(new(Since: Start.AddSeconds(1), Until: Start.AddSeconds(3))));
        Assert.Equal("ses_2 ses_3", await Ids(new(Order: SessionOrder.OldestFirst, Since: Start.AddSeconds(2))));
        Assert.Equal("ses_3", await Ids(new(Order: SessionOrder.LastDroppedFirst, Since: Start.AddSeconds(61))));
        Assert.Equal("ses_0", await Ids(new(Order: SessionOrder.LastDroppedFirst, Until: Start.AddSeconds(70))));
        Assert.Equal("", await Ids(new(State: SessionState.Provisioned, Order: SessionOrder.LastDroppedFirst)));

        async Task<string> Ids(SessionFilter filter) =>
            string.Join(' ', (await queries.List(filter, null, 200, Never)).Data.Select(row => row.SessionId));
    }

    [StoreFact]
    public async Task A_session_is_read_with_its_whole_timeline()
    {
        var (store, queries) = await Filled(2);
        var events = new SessionEvent[]
        {
            new(2, Start.AddMilliseconds(1), "connected", "node-1", "con_1"),
            new(3, Start.AddMilliseconds(2), "connection_lost", null, "con_1", null, 12.345),
        };
        var next = Row("ses_0") with { Version = 2, LastSeq = 3 };
        await store.Update(new(next, [.. events], []), []);

        var detail = await queries.Detail("ses_0", Never);

        AssertSame(next, detail?.Row);
        Assert.Equal([new SessionEvent(1, Start, "minted", "node-1"), .. events], detail!.Value.Events.AsEnumerable());
        Assert.Null(await queries.Detail("ses_9", Never));
    }

    [StoreFact]
    public async Task A_refused_write_leaves_no_event()
    {
        var (store, queries) = (Test.Store, Test.Queries);
        var (account, node) = await Own(store);
        var row = Row("ses_1");
        await store.Insert(Minted(row), account, node);
        await store.TakeOwnership(OwnerKind.Account, "usr_a");

        await store.Update(row.Next("connected"), [account]);
        await store.Insert(Minted(Row("ses_2")), account, node);
        await store.Update(row.Next("dropped") with { Row = row with { Version = 5 } }, []);

        Assert.Equal("minted", Assert.Single((await queries.Detail("ses_1", Never))!.Value.Events).Type);
        Assert.Null(await queries.Detail("ses_2", Never));
    }

    [StoreFact]
    public async Task Usage_is_what_has_ended_and_what_is_running()
    {
        var (store, queries) = await Filled(2);
        var connected = Row("ses_0") with { Version = 2, State = SessionState.Connected, ConnectionId = "c", ConnectionSince = Start };
        await store.Update(new(connected, [], []), []);
        await store.Update(Row("ses_1", seconds: 1).Dropped(Start, new UsageEntry(new(2026, 3, 2), 10, 0), new UsageEntry(new(2026, 3, 1), 20, 1)), []);

        var usage = await queries.Usage("usr_a", new(2026, 3, 1), new(2026, 3, 3), Never);

        Assert.Equal([new UsageEntry(new(2026, 3, 1), 20, 1), new UsageEntry(new(2026, 3, 2), 10, 0)], usage.Days.AsEnumerable());
        Assert.Equal([Start], usage.RunningSince.AsEnumerable());
        var one = await queries.Usage("usr_a", new(2026, 3, 2), new(2026, 3, 3), Never);
        Assert.Equal([new UsageEntry(new(2026, 3, 2), 10, 0)], one.Days.AsEnumerable());
        Assert.Empty((await queries.Usage("usr_b", new(2026, 3, 1), new(2026, 3, 3), Never)).RunningSince);
    }

    [StoreFact]
    public async Task Figures_tell_what_is_live_and_what_happened_in_each_minute()
    {
        var (store, queries) = (Test.Store, Test.Queries);
        var (account, node) = await Own(store);
        SessionRow first = Row("ses_1", seconds: -90), second = Row("ses_2", seconds: 10), third = Row("ses_3", seconds: 70);
        foreach (var row in new[] { first, second, third })
            await store.Insert(Minted(row), account, node);
        await store.Update(first.Dropped(Start.AddSeconds(65)), []);
        await store.Update(new(second with { Version = 2, State = SessionState.Connected, ConnectedAt = Start.AddSeconds(20) }, [], []), []);

        var figures = await queries.Figures(Start, Never);

        Assert.Equal([new(SessionState.Connected, 1), new StateCount(SessionState.Provisioned, 1)], figures.Live.OrderByDescending(one => one.State));
        Assert.Equal([new(Start, 1, 1, 0), new MinuteFigures(Start.AddMinutes(1), 1, 0, 1)], figures.Minutes.AsEnumerable());
        Assert.Equal([new ReasonCount(DropReason.Idle, 1)], figures.Drops.AsEnumerable());
    }

    /// <summary><c>ses_0</c> and so on, of <c>usr_a</c> on <c>node-1</c>, a second apart.</summary>
    async Task<(ISessionStore Store, ISessionQueries Queries)> Filled(int count)
    {
        var (store, queries) = (Test.Store, Test.Queries);
        var (account, node) = await Own(store);
        for (var i = 0; i < count; i++)
            await store.Insert(Minted(Row($"ses_{i}", seconds: i)), account, node);
        return (store, queries);
    }

    static async Task<(Fence Account, Fence Node)> Own(ISessionStore store) =>
        ((await store.TakeOwnership(OwnerKind.Account, "usr_a")).Fence, (await store.TakeOwnership(OwnerKind.Node, "node-1")).Fence);
}
