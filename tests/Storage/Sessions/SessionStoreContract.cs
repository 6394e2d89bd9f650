using System.Collections.Immutable;
using SessionManager.Sessions;
using static SessionManager.Tests.Storage.Sessions.TestSessions;

namespace SessionManager.Tests.Storage.Sessions;

/// <summary>What every session store promises, whatever it stores in. A class of each kind inherits these tests.</summary>
public abstract partial class SessionStoreContract
{
    /// <summary>A new store without any session.</summary>
    protected abstract Task<ISessionStore> Open();

    [StoreFact]
    public async Task A_session_reads_back_as_it_was_inserted()
    {
        var (store, account, node) = await Owned();
        var row = Full("ses_1");

        Assert.Equal(WriteOutcome.Written, (await store.Insert(Minted(row), account, node)).Outcome);

        AssertSame(row, await store.Find("ses_1"));
        var bare = Row("ses_2");
        await store.Insert(Minted(bare), account, node);
        AssertSame(bare, await store.Find("ses_2"));
        Assert.Null(await store.Find("ses_3"));
    }

    [StoreFact]
    public async Task A_session_reads_back_as_it_was_last_updated()
    {
        var (store, account, node) = await Owned();
        await store.Insert(Minted(Row("ses_1")), account, node);
        var changed = Full("ses_1") with { Version = 2, AccountId = "usr_a", IdempotencyKey = null };

        Assert.Equal(WriteOutcome.Written, (await store.Update(new(changed, [], []), [account, node])).Outcome);

        AssertSame(changed, await store.Find("ses_1"));
    }

    [StoreFact]
    public async Task An_update_decided_on_an_older_version_is_refused_and_told_how_the_row_stands()
    {
        var (store, account, node) = await Owned();
        var row = Row("ses_1");
        await store.Insert(Minted(row), account, node);
        var first = row.Next("token_issued");
        await store.Update(first, []);

        var second = await store.Update(row.Next("connected", new UsageEntry(new(2026, 3, 1), 5, 1)), []);

        Assert.Equal(WriteOutcome.Conflict, second.Outcome);
        AssertSame(first.Row, second.Existing);
        AssertSame(first.Row, await store.Find("ses_1"));
        Assert.Equal(0, await store.StreamedMilliseconds("usr_a", new(2026, 1, 1), new(2027, 1, 1)));
        Assert.Equal(WriteOutcome.Conflict, (await store.Update(first with { Row = first.Row with { Version = 4 } }, [])).Outcome);
    }

    [StoreFact]
    public async Task An_update_of_a_session_that_is_not_there_is_refused()
    {
        var (store, account, _) = await Owned();

        var result = await store.Update(Row("ses_1").Next("connected"), [account]);

        Assert.Equal(new WriteResult(WriteOutcome.Conflict), result);
    }

    [StoreFact]
    public Task A_write_decided_under_an_epoch_of_its_account_that_has_moved_is_refused_whole() => RefusedWhole(OwnerKind.Account);

    [StoreFact]
    public Task A_write_decided_under_an_epoch_of_its_node_that_has_moved_is_refused_whole() => RefusedWhole(OwnerKind.Node);

    async Task RefusedWhole(OwnerKind moved)
    {
        var (store, account, node) = await Owned();
        var row = Row("ses_1");
        await store.Insert(Minted(row), account, node);
        await store.TakeOwnership(moved, moved == OwnerKind.Account ? "usr_a" : "node-1");

        var insert = await store.Insert(Minted(Row("ses_2")), account, node);
        var update = await store.Update(row.Next("connected", new UsageEntry(new(2026, 3, 1), 5, 1)), [account, node]);

        Assert.Equal((WriteOutcome.Fenced, moved), (insert.Outcome, insert.FencedBy));
        Assert.Equal((WriteOutcome.Fenced, moved), (update.Outcome, update.FencedBy));
        Assert.Null(await store.Find("ses_2"));
        AssertSame(row, await store.Find("ses_1"));
        Assert.Equal(0, await store.StreamedMilliseconds("usr_a", new(2026, 1, 1), new(2027, 1, 1)));
    }

    [StoreFact]
    public async Task An_epoch_that_nobody_took_guards_nothing()
    {
        var (store, account, node) = await Owned();

        Assert.Equal(WriteOutcome.Fenced, (await store.Insert(Minted(Row("ses_1", node: "node-2")), account, new(OwnerKind.Node, "node-2", 1))).Outcome);
        Assert.Equal(WriteOutcome.Fenced, (await store.Insert(Minted(Row("ses_1")), account, node with { Epoch = node.Epoch + 1 })).Outcome);
    }

    [StoreFact]
    public async Task A_drop_is_written_whoever_owns_the_account_by_then()
    {
        var (store, account, node) = await Owned();
        var row = Row("ses_1");
        await store.Insert(Minted(row), account, node);
        await store.TakeOwnership(OwnerKind.Account, "usr_a");

        Assert.Equal(WriteOutcome.Written, (await store.Update(row.Dropped(Start.AddSeconds(5)), [])).Outcome);
    }

    [StoreFact]
    public async Task Epochs_count_up_for_each_owner_by_itself()
    {
        var store = await Open();

        Assert.Equal(new Fence(OwnerKind.Account, "a", 1), (await store.TakeOwnership(OwnerKind.Account, "a")).Fence);
        Assert.Equal(new Fence(OwnerKind.Account, "a", 2), (await store.TakeOwnership(OwnerKind.Account, "a")).Fence);
        Assert.Equal(new Fence(OwnerKind.Node, "a", 1), (await store.TakeOwnership(OwnerKind.Node, "a")).Fence);
        Assert.Equal(new Fence(OwnerKind.Account, "b", 1), (await store.TakeOwnership(OwnerKind.Account, "b")).Fence);
    }

    [StoreFact]
    public async Task A_look_tells_the_epoch_as_it_stands_and_takes_none()
    {
        var (store, account, node) = await Owned();

        Assert.Equal(account, (await store.Look(OwnerKind.Account, "usr_a")).Fence);
        Assert.Equal(node, (await store.Look(OwnerKind.Node, "node-1")).Fence);
        var next = await store.TakeOwnership(OwnerKind.Account, "usr_a");
        Assert.Equal(next.Fence, (await store.Look(OwnerKind.Account, "usr_a")).Fence);
        Assert.Equal(new Fence(OwnerKind.Account, "usr_c", 0), (await store.Look(OwnerKind.Account, "usr_c")).Fence);
    }

    [StoreFact]
    public async Task An_owner_finds_its_live_sessions_and_nobody_elses()
    {
        var (store, account, node) = await Owned();
        var other = (await store.TakeOwnership(OwnerKind.Account, "usr_b")).Fence;
        var otherNode = (await store.TakeOwnership(OwnerKind.Node, "node-2")).Fence;
        await store.Insert(Minted(Row("ses_1")), account, node);
        await store.Insert(Minted(Row("ses_2", node: "node-2")), account, otherNode);
        await store.Insert(Minted(Row("ses_3", account: "usr_b")), other, node);
        var dropped = Row("ses_4");
        await store.Insert(Minted(dropped), account, node);
        await store.Update(dropped.Dropped(Start.AddSeconds(9)), []);

        Assert.Equal(["ses_1", "ses_2"], Ids((await store.Look(OwnerKind.Account, "usr_a")).Live));
        Assert.Equal(["ses_1", "ses_3"], Ids((await store.Look(OwnerKind.Node, "node-1")).Live));
        Assert.Equal(["ses_1", "ses_2"], Ids((await store.TakeOwnership(OwnerKind.Account, "usr_a")).Live));
        Assert.Equal(["ses_1", "ses_3"], Ids((await store.TakeOwnership(OwnerKind.Node, "node-1")).Live));
        Assert.Empty((await store.Look(OwnerKind.Account, "usr_c")).Live);
        Assert.Equal(["node-1", "node-2"], (await store.NodesInUse()).Order());
    }

    [StoreFact]
    public async Task An_owner_reads_what_its_sessions_hold_as_their_rows_say()
    {
        var (store, account, node) = await Owned();
        await store.Insert(Minted(Full("ses_1")), account, node);
        await store.Insert(Minted(Row("ses_2")), account, node);
        SessionReport[] held = [SessionReport.Of((await store.Find("ses_1"))!), SessionReport.Of((await store.Find("ses_2"))!)];

        foreach (var owner in new[] { await store.Look(OwnerKind.Account, "usr_a"), await store.TakeOwnership(OwnerKind.Node, "node-1") })
            Assert.Equal(held, owner.Live.OrderBy(one => one.SessionId, StringComparer.Ordinal));
    }

    [StoreFact]
    public async Task A_session_id_is_given_once()
    {
        var (store, account, node) = await Owned();
        var row = Row("ses_1");
        await store.Insert(Minted(row), account, node);

        var again = await store.Insert(Minted(Row("ses_1", seconds: 5)), account, node);

        Assert.Equal(WriteOutcome.Conflict, again.Outcome);
        AssertSame(row, again.Existing);
    }

    [StoreFact]
    public async Task An_idempotency_key_is_one_session_of_its_account()
    {
        var (store, account, node) = await Owned();
        var other = (await store.TakeOwnership(OwnerKind.Account, "usr_b")).Fence;
        var row = Row("ses_1", key: "once");
        await store.Insert(Minted(row), account, node);

        var again = await store.Insert(Minted(Row("ses_2", key: "once", seconds: 5)), account, node);

        Assert.Equal(WriteOutcome.Conflict, again.Outcome);
        AssertSame(row, again.Existing);
        Assert.Null(await store.Find("ses_2"));
        Assert.Equal(WriteOutcome.Written, (await store.Insert(Minted(Row("ses_3", account: "usr_b", key: "once")), other, node)).Outcome);
        Assert.Equal("ses_1", (await store.FindByIdempotencyKey("usr_a", "once", Start))?.SessionId);
        Assert.Equal("ses_3", (await store.FindByIdempotencyKey("usr_b", "once", Start))?.SessionId);
        Assert.Null(await store.FindByIdempotencyKey("usr_a", "other", Start));
    }

    [StoreFact]
    public async Task An_idempotency_key_is_found_for_24_hours_also_of_a_dropped_session()
    {
        var (store, account, node) = await Owned();
        var row = Row("ses_1", key: "once");
        await store.Insert(Minted(row), account, node);
        await store.Update(row.Dropped(Start.AddSeconds(1)), []);

        Assert.NotNull(await store.FindByIdempotencyKey("usr_a", "once", Start.AddHours(24).AddMilliseconds(-1)));
        Assert.Null(await store.FindByIdempotencyKey("usr_a", "once", Start.AddHours(24)));
    }

    [StoreFact]
    public async Task Usage_adds_up_by_day_with_the_rows_it_came_with()
    {
        var (store, account, node) = await Owned();
        var row = Row("ses_1");
        await store.Insert(Minted(row), account, node);
        var first = row.Next("connection_lost", new UsageEntry(new(2026, 3, 1), 1_500, 1), new UsageEntry(new(2026, 3, 2), 300, 0));
        await store.Update(first, []);
        await store.Update(first.Row.Dropped(Start, new UsageEntry(new(2026, 3, 2), 40, 0)), []);

        Assert.Equal(1_840, await store.StreamedMilliseconds("usr_a", new(2026, 3, 1), new(2026, 4, 1)));
        Assert.Equal(340, await store.StreamedMilliseconds("usr_a", new(2026, 3, 2), new(2026, 3, 3)));
        Assert.Equal(0, await store.StreamedMilliseconds("usr_a", new(2026, 3, 3), new(2026, 4, 1)));
        Assert.Equal(0, await store.StreamedMilliseconds("usr_b", new(2026, 3, 1), new(2026, 4, 1)));
    }

    [StoreFact]
    public async Task The_longest_overdue_sessions_come_first_and_dropped_ones_never()
    {
        var (store, account, node) = await Owned();
        foreach (var (id, seconds) in new[] { ("ses_1", 30), ("ses_2", 10), ("ses_3", 20), ("ses_4", 40) })
            await store.Insert(Minted(Row(id, seconds: seconds)), account, node);
        var dropped = Row("ses_5") with { NextDeadline = null };
        await store.Insert(Minted(dropped), account, node);
        await store.Update(dropped.Dropped(Start), []);
        var limit = Start.AddSeconds(640);

        Assert.Equal(["ses_2", "ses_3", "ses_1"], (await store.Overdue(limit, 100)).AsEnumerable());
        Assert.Equal(["ses_2", "ses_3"], (await store.Overdue(limit, 2)).AsEnumerable());
        Assert.Equal(["ses_2", "ses_3", "ses_1", "ses_4"], (await store.Overdue(limit.AddMilliseconds(1), 100)).AsEnumerable());
    }

    [StoreFact]
    public async Task Cleaning_deletes_what_is_past_retention_and_takes_old_keys_off()
    {
        var (store, account, node) = await Owned();
        SessionRow old = Row("ses_1"), recent = Row("ses_2"), keyed = Row("ses_3", key: "once");
        foreach (var row in new[] { old, recent, keyed })
            await store.Insert(Minted(row), account, node);
        await store.Update(old.Dropped(Start.AddSeconds(9), new UsageEntry(new(2026, 3, 1), 70, 1)), []);
        await store.Update(recent.Dropped(Start.AddSeconds(10)), []);

        Assert.Equal(1, await store.Clean(Start.AddSeconds(10), Start, 100));
        Assert.Equal(1, await store.Clean(Start.AddSeconds(10), Start.AddSeconds(1), 100));
        Assert.Equal(0, await store.Clean(Start.AddSeconds(10), Start.AddSeconds(1), 100));

        Assert.Null(await store.Find("ses_1"));
        Assert.NotNull(await store.Find("ses_2"));
        Assert.Equal(70, await store.StreamedMilliseconds("usr_a", new(2026, 3, 1), new(2026, 4, 1)));
        // A new version: what was decided on the row with its key must not write the key back.
        AssertSame(keyed with { IdempotencyKey = null, BodyDigest = null, Version = 2 }, await store.Find("ses_3"));
        Assert.Equal(WriteOutcome.Written, (await store.Insert(Minted(Row("ses_4", key: "once", seconds: 9)), account, node)).Outcome);
    }

    [StoreFact]
    public async Task A_dropped_session_stays_as_long_as_a_repeat_of_its_mint_must_be_recognised()
    {
        var (store, account, node) = await Owned();
        var keyed = Row("ses_1", key: "once");
        await store.Insert(Minted(keyed), account, node);
        await store.Update(keyed.Dropped(Start.AddSeconds(1)), []);

        Assert.Equal(0, await store.Clean(Start.AddHours(1), keysBefore: Start, 100));
        Assert.Equal("ses_1", (await store.FindByIdempotencyKey("usr_a", "once", Start))?.SessionId);
        Assert.Equal(1, await store.Clean(Start.AddHours(1), keysBefore: Start.AddSeconds(1), 100));
        Assert.Null(await store.Find("ses_1"));
    }

    [StoreFact]
    public async Task Cleaning_stops_at_its_limit()
    {
        var (store, account, node) = await Owned();
        for (var i = 0; i < 5; i++)
        {
            var row = Row($"ses_{i}");
            await store.Insert(Minted(row), account, node);
            await store.Update(row.Dropped(Start.AddSeconds(i)), []);
            await store.Insert(Minted(Row($"ses_keyed_{i}", key: $"k{i}")), account, node);
        }

        Assert.Equal(2, await store.Clean(Start.AddHours(1), DateTimeOffset.UnixEpoch, 2));
        Assert.Null(await store.Find("ses_1"));
        Assert.NotNull(await store.Find("ses_2"));
        Assert.Equal(2, await store.Clean(DateTimeOffset.UnixEpoch, Start.AddHours(1), 2));
    }

    /// <summary>A store with the epochs of <c>usr_a</c> and <c>node-1</c>.</summary>
    protected async Task<(ISessionStore Store, Fence Account, Fence Node)> Owned()
    {
        var store = await Open();
        return (
            store,
            (await store.TakeOwnership(OwnerKind.Account, "usr_a")).Fence,
            (await store.TakeOwnership(OwnerKind.Node, "node-1")).Fence);
    }

    static IEnumerable<string> Ids(ImmutableArray<SessionReport> rows) => rows.Select(row => row.SessionId).Order(StringComparer.Ordinal);
}
