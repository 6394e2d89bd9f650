using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Sessions;
using SessionManager.Storage;
using SessionManager.Storage.Sqlite;
using SessionManager.Tests.Cluster;

namespace SessionManager.Tests.Sessions;

/// <summary>Accounts, nodes and sessions together, in a silo of Orleans and on a store of SQLite.</summary>
public sealed class SessionLifeTests : IAsyncLifetime
{
    const string Account = "usr_a";
    const string Owner = "usr_o";
    const int LeaseSeconds = 100;
    static readonly TimeSpan Beat = TimeSpan.FromSeconds(20);
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("life");
    GrainCluster _cluster = null!;
    int _minted;

    IAccountGrain Mints => _cluster.Grain<IAccountGrain>(Account);
    ISessionStore Store => _cluster.Silos[0].ServiceProvider.GetRequiredService<ISessionStore>();

    public async Task InitializeAsync()
    {
        _cluster = await GrainCluster.Start(services: services => services
            .AddSingleton<NodeCatalog>()
            .Configure<NodeOptions>(nodes => nodes.LeaseSeconds = LeaseSeconds)
            .Configure<ReminderOptions>(reminders => reminders.MinimumReminderPeriod = TimeSpan.FromSeconds(1))
            .AddStorage(_ => new SqliteFile(Path.Combine(_folder.FullName, "sessions.db"))));
        await Mints.Open(new AccountSettings { KeysEnabled = true });
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_mint_wakes_no_session_and_the_account_wakes_it_when_its_token_expires()
    {
        await Register("n-1");
        var session = await Mint();
        Assert.False(_cluster.IsActive(Session(session)));

        await Pass(TimeSpan.FromSeconds(599));
        Assert.False(_cluster.IsActive(Session(session)));
        await Pass(TimeSpan.FromSeconds(1));
        Assert.True((await Store.Find(session))!.TokenExpiryNoted);
        Assert.Equal(0, (await Mints.Get())!.ActiveCount);

        await Pass(TimeSpan.FromSeconds(300));
        Assert.Equal(DropReason.Idle, (await Store.Find(session))!.Reason);
    }

    [Fact]
    public async Task A_session_not_yet_connected_moves_from_a_lost_node_to_one_that_its_address_leads_to()
    {
        await Register("n-1");
        var session = await Mint();
        await Register("n-2", address: "wss://elsewhere");
        await Register("n-3");
        await Lose();

        var moved = (await Store.Find(session))!;
        Assert.Equal((SessionState.Provisioned, "n-3"), (moved.State, moved.NodeId));
        Assert.True((await Node("n-3").Connected(Owner, session, "c")).Ok);
        Assert.Equal(ErrorCatalogue.SessionNotFound, (await Node("n-2").Connected(Owner, session, "c")).Refusal!.Code);
    }

    [Fact]
    public async Task A_session_that_its_client_would_not_find_again_drops_with_its_node_and_its_slot_is_free()
    {
        await Register("n-1", address: "wss://here");
        var session = await Mint();
        await Register("n-2", address: "wss://elsewhere");
        await Register("n-3");
        await Lose();

        Assert.Equal(DropReason.NodeLost, (await Store.Find(session))!.Reason);
        Assert.Equal(0, (await Mints.Get())!.ActiveCount);
    }

    [Fact]
    public async Task A_stream_ends_with_its_node()
    {
        var session = await Stream();
        await Register("n-2");
        await Lose();

        Assert.Equal(DropReason.NodeLost, (await Store.Find(session))!.Reason);
    }

    [Fact]
    public async Task A_stream_outlives_that_its_node_was_taken_for_lost_by_a_process_that_is_gone()
    {
        var session = await Stream();
        await TakeForLost("n-1");

        await Node("n-1").Check();
        Assert.Equal(SessionState.Connected, Row(session).State);
        await Node("n-1").Heartbeat(Owner, [session], null);
        await Node("n-1").Check();
        Assert.True((await Node("n-1").Get())!.Live);
        Assert.Equal(SessionState.Connected, Row(session).State);
    }

    [Fact]
    public async Task A_token_asked_for_again_while_it_streams_needs_no_place()
    {
        var session = await Stream();
        await TakeForLost("n-1");

        Assert.True((await Session(session).IssueToken(Account)).Ok);
    }

    [Fact]
    public async Task A_token_that_was_found_expired_is_not_given_again_where_the_clock_is_set_back()
    {
        await Register("n-1");
        var session = await Mint();
        var row = Row(session);
        await Store.Update(new SessionChange(row with { Version = row.Version + 1, TokenExpiryNoted = true }, [], []), []);

        Assert.True(row.TokenExpiresAt > _cluster.Clock.GetUtcNow());
        Assert.Equal(ErrorCatalogue.SessionExpired, (await Session(session).IssueToken(Account)).Refusal!.Code);
    }

    [Fact]
    public async Task With_more_slots_a_stream_is_looked_at_as_soon_as_they_could_use_up_the_months_hours()
    {
        await Register("n-1");
        await Mints.Change(new AccountChange { MonthlyHours = 4, MaxConcurrent = 1 });
        var session = await Mint();
        Assert.True((await Node("n-1").Connected(Owner, session, "c")).Ok);
        var now = _cluster.Clock.GetUtcNow();
        Assert.Equal(now.AddHours(4), Row(session).StreamEndsAt);

        await Mints.Change(new AccountChange { MaxConcurrent = 4 });
        Assert.Equal(now.AddHours(1), Row(session).StreamEndsAt);
    }

    [Fact]
    public async Task What_a_lost_node_left_behind_when_its_process_died_ends_a_lease_later()
    {
        await Register("n-1");
        var session = await Mint();
        await TakeForLost("n-1");

        await Node("n-1").Check();
        await _cluster.Advance(TimeSpan.FromSeconds(LeaseSeconds));
        Assert.Equal(DropReason.NodeLost, Row(session).Reason);
    }

    [Fact]
    public async Task A_stream_ends_with_its_node_also_where_that_the_node_is_lost_cannot_be_stored()
    {
        var session = await Stream();
        _cluster.Store.Fail(Node("n-1"), new IOException("The disk is full."));
        await _cluster.Advance(TimeSpan.FromSeconds(LeaseSeconds));
        await _cluster.Ended(Node("n-1"));

        Assert.Equal(DropReason.NodeLost, Row(session).Reason);
    }

    [Fact]
    public async Task What_a_node_promised_before_it_was_made_smaller_or_drained_holds_no_more()
    {
        await Register("n-1", capacity: 2);
        var first = await Promise();
        await Register("n-1", capacity: 2);
        Assert.Equal(first, await Promise());
        await Register("n-1", capacity: 1);
        var second = await Store.Look(OwnerKind.Node, "n-1");
        Assert.True(second.Fence.Epoch > first);
        await Node("n-1").Drain(Owner);
        Assert.True((await Store.Look(OwnerKind.Node, "n-1")).Fence.Epoch > second.Fence.Epoch);

        async Task<long> Promise()
        {
            var promise = (await Node("n-1").Reserve("ses_new", version: 0, _cluster.Clock.GetUtcNow().AddMinutes(1)))!;
            await Node("n-1").GiveBack("ses_new", promise);
            return promise.Epoch;
        }
    }

    [Fact]
    public async Task A_place_given_back_late_is_not_that_of_a_later_promise_to_the_same_session()
    {
        await Register("n-1", capacity: 1);
        var early = (await Node("n-1").Reserve("ses_1", version: 0, until: null))!;
        await _cluster.End(Node("n-1"));
        var late = (await Node("n-1").Reserve("ses_1", version: 0, until: null))!;
        Assert.Equal(early.Ticket, late.Ticket);

        await Node("n-1").GiveBack("ses_1", early);
        Assert.Null(await Node("n-1").Reserve("ses_2", version: 0, until: null));
        await Node("n-1").GiveBack("ses_1", late);
        Assert.NotNull(await Node("n-1").Reserve("ses_2", version: 0, until: null));
    }

    [Fact]
    public async Task A_deadline_that_another_process_has_stored_is_kept_when_the_sweep_wakes_the_session()
    {
        await Register("n-1");
        await Mints.Change(new AccountChange { MaxStreamSeconds = 10 });
        var session = await Mint();
        await Session(session).IssueToken(Account);
        // Another process connects it, and this one does not know.
        var now = _cluster.Clock.GetUtcNow();
        await Store.Update(SessionMachine.Connect(Row(session), "c", now.AddSeconds(10), now, new SessionOptions()), []);

        await Pass(TimeSpan.FromSeconds(11));
        await Session(session).Wake();
        Assert.Equal(DropReason.DurationLimit, Row(session).Reason);
    }

    [Fact]
    public async Task An_account_that_is_no_owner_any_more_gives_out_nothing_and_the_next_activation_does()
    {
        await Register("n-1");
        await Mint();
        // Another process has taken the account over, and this one does not know.
        await Store.TakeOwnership(OwnerKind.Account, Account);

        var minted = await TryMint(NewId());
        if (minted is null)
            minted = await TryMint(NewId());
        Assert.True(minted!.Value.Ok);
        Assert.Equal(2, (await Mints.Get())!.ActiveCount);
    }

    [Fact]
    public async Task An_account_that_was_forgiven_elsewhere_refuses_nobody_by_its_old_settings()
    {
        await Register("n-1");
        await Mint();
        await Mints.Change(new AccountChange { Suspended = true });
        // Another process has taken the account over, has lifted the suspension, and this one does not know.
        _cluster.Store.Overwrite(Mints, "account", new AccountRecord { OpenedAt = _cluster.Clock.GetUtcNow(), KeysEnabled = true });
        await Store.TakeOwnership(OwnerKind.Account, Account);

        Assert.Null(await TryMint(NewId()));
        await Mint();
    }

    [Fact]
    public async Task A_node_that_is_no_owner_any_more_gives_no_place_and_the_next_activation_does()
    {
        await Register("n-1");
        await Mint();
        await Store.TakeOwnership(OwnerKind.Node, "n-1");

        await Mint();
        Assert.Equal(2, (await Node("n-1").Get())!.Used);
    }

    [Fact]
    public async Task A_place_promised_to_a_mint_that_never_came_is_given_to_the_next_after_a_while_and_the_late_mint_cannot_land()
    {
        await Register("n-1", capacity: 1);
        var promise = await Node("n-1").Reserve("ses_lost", 0, _cluster.Clock.GetUtcNow().AddMinutes(10));
        Assert.Equal(ErrorCatalogue.NoStreamer, (await TryMint(NewId()))!.Value.Refusal!.Code);

        await _cluster.Advance(SessionManager.Owners.Owner.PromiseLife);
        await Mint();
        Assert.NotEqual(promise!.Epoch, (await Node("n-1").Reserve("ses_none", 0, null))?.Epoch ?? 0);
        var row = (await Store.Find((await Store.Look(OwnerKind.Node, "n-1")).Live.Single().SessionId))!;
        var late = row with { SessionId = "ses_lost", Version = 1, AccountId = "usr_b" };
        var account = await Store.TakeOwnership(OwnerKind.Account, "usr_b");
        var written = await Store.Insert(new SessionChange(late, [], []), account.Fence, new Fence(OwnerKind.Node, "n-1", promise.Epoch));
        Assert.Equal((WriteOutcome.Fenced, OwnerKind.Node), (written.Outcome, written.FencedBy));
    }

    [Fact]
    public async Task A_lost_message_about_a_freed_slot_refuses_nobody()
    {
        await Register("n-1");
        await Mints.Change(new AccountChange { MaxConcurrent = 1 });
        var session = await Mint();
        var row = (await Store.Find(session))!;
        // Dropped, and neither account nor node has heard of it.
        await Store.Update(SessionMachine.Drop(row, DropReason.Terminated, _cluster.Clock.GetUtcNow(), new()), []);

        await Mint();
    }

    [Fact]
    public async Task A_mint_that_is_repeated_with_its_id_answers_for_the_same_session_and_takes_no_second_slot()
    {
        await Register("n-1");
        var id = NewId();
        var first = await TryMint(id);
        var again = await TryMint(id);

        Assert.Equal(first!.Value.Value!.Session.CreatedAt, again!.Value.Value!.Session.CreatedAt);
        Assert.False(again.Value.Value.Replayed);
        Assert.Equal(1, (await Mints.Get())!.ActiveCount);
    }

    [Fact]
    public async Task The_months_hours_end_every_stream_at_the_instant_they_are_used_up()
    {
        await Register("n-1");
        await Mints.Change(new AccountChange { MonthlyHours = 1 });
        string[] sessions = [await Mint(), await Mint()];
        foreach (var session in sessions)
            Assert.True((await Node("n-1").Connected(Owner, session, $"c-{session}")).Ok);
        await Pass(TimeSpan.FromMinutes(30) - TimeSpan.FromSeconds(1), sessions);
        Assert.All(sessions, session => Assert.Equal(SessionState.Connected, Row(session).State));

        await Pass(TimeSpan.FromSeconds(1), sessions);
        Assert.All(sessions, session => Assert.Equal(DropReason.DurationLimit, Row(session).Reason));
        Assert.Equal(ErrorCatalogue.MonthlyLimit, (await TryMint(NewId()))!.Value.Refusal!.Code);
    }

    [Fact]
    public async Task A_suspension_ends_every_session_before_it_is_answered()
    {
        await Register("n-1");
        var session = await Mint();
        await Mints.Change(new AccountChange { Suspended = true });

        Assert.Equal(DropReason.AccountSuspended, Row(session).Reason);
        Assert.Equal(ErrorCatalogue.AccountSuspended, (await TryMint(NewId()))!.Value.Refusal!.Code);
    }

    [Fact]
    public async Task A_connected_session_that_its_node_does_not_name_twice_is_lost_and_one_that_nobody_gave_it_is_dropped()
    {
        var session = await Stream();
        await Node("n-1").Heartbeat(Owner, [], null);
        Assert.Equal("c", Row(session).ConnectionId);
        var reply = await Node("n-1").Heartbeat(Owner, ["ses_stranger"], null);

        Assert.Null(Row(session).ConnectionId);
        Assert.Equal(["ses_stranger"], reply.Value!.Drop.ToArray());
        Assert.Equal([session], reply.Value.Expected.ToArray());
    }

    SessionRow Row(string sessionId) => Store.Find(sessionId).GetAwaiter().GetResult()!;

    /// <summary>The node n-1 lives on meanwhile and streams those sessions.</summary>
    async Task Pass(TimeSpan time, params string[] streaming)
    {
        for (var left = time; left > TimeSpan.Zero;)
        {
            var step = left < Beat ? left : Beat;
            await _cluster.Advance(step);
            left -= step;
            await Node("n-1").Heartbeat(Owner, [.. streaming], null);
        }
    }

    /// <summary>A process that is gone has stored that the node is lost, and nobody has noticed yet.</summary>
    async Task TakeForLost(string nodeId)
    {
        await _cluster.End(Node(nodeId));
        var registration = new NodeRegistration { Region = "eu", Model = "m", Capacity = 10 };
        _cluster.Store.Overwrite(Node(nodeId), "node", NodeRecord.Deleted.Register(Owner, registration).Lose(_cluster.Clock.GetUtcNow()));
    }

    /// <summary>Nothing is heard of the node n-1 for as long as its lease lasts; of the others it is.</summary>
    async Task Lose()
    {
        for (var passed = TimeSpan.Zero; passed <= TimeSpan.FromSeconds(LeaseSeconds); passed += Beat)
        {
            foreach (var other in new[] { "n-2", "n-3" })
                await Node(other).Heartbeat(Owner, [], null);
            await _cluster.Advance(Beat);
        }

        Assert.False((await Node("n-1").Get())!.Live);
    }

    async Task Register(string nodeId, int capacity = 10, string? address = null)
    {
        var lease = await Node(nodeId).Register(
            Owner, new NodeRegistration { Region = "eu", Model = "m", Capacity = capacity, SignalingUrl = address });
        Assert.True(lease.Ok);
        // A mint chooses from a copy of the directory that is this old at most.
        await _cluster.Advance(TimeSpan.FromMilliseconds(300));
    }

    async Task<string> Mint()
    {
        var minted = await TryMint(NewId());
        Assert.True(minted!.Value.Ok, minted.Value.Refusal?.Code);
        return minted.Value.Value!.Session.SessionId;
    }

    /// <summary>A session that is connected, on the node n-1.</summary>
    async Task<string> Stream()
    {
        await Register("n-1");
        var session = await Mint();
        Assert.True((await Node("n-1").Connected(Owner, session, "c")).Ok);
        return session;
    }

    /// <summary>null: the activation ended.</summary>
    async Task<Result<Minted>?> TryMint(string sessionId)
    {
        try
        {
            return await Mints.Mint(new MintRequest { SessionId = sessionId, WithToken = true });
        }
        catch (Orleans.Runtime.OrleansException)
        {
            return null;
        }
    }

    string NewId() => $"ses_{++_minted}";

    INodeGrain Node(string nodeId) => _cluster.Grain<INodeGrain>(nodeId);

    ISessionGrain Session(string sessionId) => _cluster.Grain<ISessionGrain>(sessionId);
}
