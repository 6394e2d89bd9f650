using System.Collections.Immutable;
using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Tests.Sessions;

/// <summary>Every situation a session can be in, against everything that can happen to it.</summary>
public sealed class SessionMachineTests
{
    const string NodeId = "node-1";
    static readonly SessionOptions Options = new();
    static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public enum Situation
    {
        NoToken,
        TokenLive,
        TokenExpired,
        Connected,
        ConnectedPastExpiry,
        Lost,
        Dropped,
    }

    public enum Event
    {
        Token,
        Connect,
        ConnectAgain,
        ConnectEnded,
        ConnectElsewhere,
        CleanDisconnect,
        LostDisconnect,
        StaleDisconnect,
        Drop,
    }

    // What each event comes to: the state after it, and the refusal or "same" (nothing changes).
    public static TheoryData<Situation, Event, SessionState, string> Table()
    {
        const string same = "same";
        const string changed = "changed";
        const SessionState p = SessionState.Provisioned, c = SessionState.Connected, d = SessionState.Dropped;
        return new()
        {
            { Situation.NoToken, Event.Token, p, changed },
            { Situation.NoToken, Event.Connect, p, ErrorCatalogue.SessionExpired },
            { Situation.NoToken, Event.ConnectElsewhere, p, ErrorCatalogue.SessionNotFound },
            { Situation.NoToken, Event.CleanDisconnect, p, same },
            { Situation.NoToken, Event.LostDisconnect, p, same },
            { Situation.NoToken, Event.StaleDisconnect, p, same },
            { Situation.NoToken, Event.Drop, d, changed },

            { Situation.TokenLive, Event.Token, p, same },
            { Situation.TokenLive, Event.Connect, c, changed },
            { Situation.TokenLive, Event.ConnectElsewhere, p, ErrorCatalogue.SessionNotFound },
            { Situation.TokenLive, Event.CleanDisconnect, p, same },
            { Situation.TokenLive, Event.LostDisconnect, p, same },
            { Situation.TokenLive, Event.StaleDisconnect, p, same },
            { Situation.TokenLive, Event.Drop, d, changed },

            { Situation.TokenExpired, Event.Token, p, same },
            { Situation.TokenExpired, Event.Connect, p, ErrorCatalogue.SessionExpired },
            { Situation.TokenExpired, Event.ConnectElsewhere, p, ErrorCatalogue.SessionNotFound },
            { Situation.TokenExpired, Event.CleanDisconnect, p, same },
            { Situation.TokenExpired, Event.LostDisconnect, p, same },
            { Situation.TokenExpired, Event.StaleDisconnect, p, same },
            { Situation.TokenExpired, Event.Drop, d, changed },

            { Situation.Connected, Event.Token, c, same },
            { Situation.Connected, Event.Connect, c, ErrorCatalogue.AlreadyConnected },
            { Situation.Connected, Event.ConnectAgain, c, same },
            { Situation.Connected, Event.ConnectElsewhere, c, ErrorCatalogue.SessionNotFound },
            { Situation.Connected, Event.CleanDisconnect, d, changed },
            { Situation.Connected, Event.LostDisconnect, c, changed },
            { Situation.Connected, Event.StaleDisconnect, c, same },
            { Situation.Connected, Event.Drop, d, changed },

            { Situation.ConnectedPastExpiry, Event.Token, c, same },
            { Situation.ConnectedPastExpiry, Event.Connect, c, ErrorCatalogue.AlreadyConnected },
            { Situation.ConnectedPastExpiry, Event.ConnectAgain, c, same },
            { Situation.ConnectedPastExpiry, Event.ConnectElsewhere, c, ErrorCatalogue.SessionNotFound },
            { Situation.ConnectedPastExpiry, Event.CleanDisconnect, d, changed },
            { Situation.ConnectedPastExpiry, Event.LostDisconnect, d, changed },
            { Situation.ConnectedPastExpiry, Event.StaleDisconnect, c, same },
            { Situation.ConnectedPastExpiry, Event.Drop, d, changed },

            { Situation.Lost, Event.Token, c, same },
            { Situation.Lost, Event.Connect, c, changed },
            { Situation.Lost, Event.ConnectEnded, c, ErrorCatalogue.ConnectionEnded },
            { Situation.Lost, Event.ConnectElsewhere, c, ErrorCatalogue.SessionNotFound },
            { Situation.Lost, Event.CleanDisconnect, c, same },
            { Situation.Lost, Event.LostDisconnect, c, same },
            { Situation.Lost, Event.StaleDisconnect, c, same },
            { Situation.Lost, Event.Drop, d, changed },

            { Situation.Dropped, Event.Token, d, same },
            { Situation.Dropped, Event.Connect, d, ErrorCatalogue.SessionDropped },
            { Situation.Dropped, Event.ConnectEnded, d, ErrorCatalogue.SessionDropped },
            { Situation.Dropped, Event.ConnectElsewhere, d, ErrorCatalogue.SessionNotFound },
            { Situation.Dropped, Event.CleanDisconnect, d, same },
            { Situation.Dropped, Event.LostDisconnect, d, same },
            { Situation.Dropped, Event.StaleDisconnect, d, same },
            { Situation.Dropped, Event.Drop, d, same },
        };
    }

    [Theory, MemberData(nameof(Table))]
    public void Each_event_in_each_situation_does_what_the_wire_contract_says(
        Situation situation, Event happening, SessionState expected, string outcome)
    {
        var (before, now) = In(situation);

        var (change, refusal) = Happens(before, happening, now);

        Assert.Equal(expected, change.Row.State);
        switch (outcome)
        {
            case "same":
                Assert.Null(refusal);
                Assert.Same(before, change.Row);
                Assert.Empty(change.Events);
                Assert.Empty(change.Usage);
                break;
            case "changed":
                Assert.Null(refusal);
                Assert.Equal(before.Version + 1, change.Row.Version);
                Assert.NotEmpty(change.Events);
                break;
            default:
                Assert.Equal(outcome, refusal);
                break;
        }
    }

    [Theory, MemberData(nameof(Table))]
    public void What_is_stored_says_until_when_it_holds_and_what_comes_next(
        Situation situation, Event happening, SessionState expected, string outcome)
    {
        _ = (expected, outcome);
        var (before, now) = In(situation);

        var row = Happens(before, happening, now).Change.Row;

        Assert.Equal(SessionMachine.HoldsUntil(row, Options), row.HoldsUntil);
        Assert.Equal(SessionMachine.NextDeadline(row, Options), row.NextDeadline);
    }

    [Theory, InlineData(Situation.TokenLive), InlineData(Situation.Dropped)]
    public void A_session_that_is_not_connected_is_not_broadcast(Situation situation)
    {
        var (row, now) = In(situation);
        Assert.Same(row, SessionMachine.Broadcast(row, "brd_1", null, now, Options).Row);
    }

    [Fact]
    public void A_session_keeps_its_broadcast_until_another_is_said_to_follow_that_one()
    {
        var (row, now) = In(Situation.Connected);
        var first = SessionMachine.Broadcast(row, "brd_1", null, now, Options).Row;
        Assert.Equal(("brd_1", row.Version + 1, row.LastSeq), (first.BroadcastId, first.Version, first.LastSeq));
        Assert.Same(first, SessionMachine.Broadcast(first, "brd_2", null, now, Options).Row);
        Assert.Same(first, SessionMachine.Broadcast(first, "brd_2", "brd_0", now, Options).Row);
        Assert.Equal("brd_2", SessionMachine.Broadcast(first, "brd_2", "brd_1", now, Options).Row.BroadcastId);
    }

    public static TheoryData<Situation, double, SessionState, DropReason?> Deadlines() => new()
    {
        // Without a token: idle 900 s after the mint.
        { Situation.NoToken, 899.999, SessionState.Provisioned, null },
        { Situation.NoToken, 900, SessionState.Dropped, DropReason.Idle },
        // Never connected: the token's expiry at 610 s ends nothing, idle does, 900 s after the token.
        { Situation.TokenLive, 610, SessionState.Provisioned, null },
        { Situation.TokenLive, 909.999, SessionState.Provisioned, null },
        { Situation.TokenLive, 910, SessionState.Dropped, DropReason.Idle },
        // Connected: the token's expiry changes nothing, not even much later.
        { Situation.Connected, 611, SessionState.Connected, null },
        { Situation.Connected, 1_000_000, SessionState.Connected, null },
        // Lost: it may come back until the token expires.
        { Situation.Lost, 609.999, SessionState.Connected, null },
        { Situation.Lost, 610, SessionState.Dropped, DropReason.ConnectionLost },
        { Situation.Dropped, 1_000_000, SessionState.Dropped, DropReason.Terminated },
    };

    [Theory, MemberData(nameof(Deadlines))]
    public void A_deadline_is_kept_at_its_instant(Situation situation, double seconds, SessionState state, DropReason? reason)
    {
        var kept = SessionMachine.KeepDeadlines(In(situation).Row, Start.AddSeconds(seconds), Options).Row;

        Assert.Equal(state, kept.State);
        Assert.Equal(reason, kept.Reason);
    }

    [Fact]
    public void A_deadline_that_is_noticed_late_is_kept_as_of_its_own_instant()
    {
        var kept = SessionMachine.KeepDeadlines(In(Situation.TokenLive).Row, Start.AddDays(1), Options);

        Assert.Equal(Start.AddSeconds(910), kept.Row.DroppedAt);
        Assert.Equal([Start.AddSeconds(610), Start.AddSeconds(910)], kept.Events.Select(happened => happened.At));
        Assert.Equal(["token_expired", "dropped"], kept.Events.Select(happened => happened.Type));
    }

    [Fact]
    public void A_token_that_was_seen_to_expire_stays_expired_when_the_clock_is_set_back()
    {
        var beforeExpiry = Start.AddSeconds(100);

        var lost = SessionMachine.Disconnect(In(Situation.ConnectedPastExpiry).Row, "c-live", clean: false, beforeExpiry, Options).Row;
        Assert.Equal((SessionState.Dropped, DropReason.ConnectionLost), (lost.State, lost.Reason));

        var verdict = SessionMachine.JudgeConnect(In(Situation.TokenExpired).Row, NodeId, "c-new", beforeExpiry);
        Assert.Equal(ErrorCatalogue.SessionExpired, verdict.Refusal);
    }

    [Fact]
    public void A_stream_ends_when_the_account_says_whichever_connection_it_is_on_by_then()
    {
        var row = Connect(In(Situation.TokenLive).Row, "c-1", Start.AddSeconds(120), Start.AddSeconds(20));
        row = SessionMachine.Disconnect(row, "c-1", clean: false, Start.AddSeconds(50), Options).Row;
        row = Connect(row, "c-2", Start.AddSeconds(120), Start.AddSeconds(60));

        Assert.Equal(SessionState.Connected, SessionMachine.KeepDeadlines(row, Start.AddSeconds(119), Options).Row.State);
        var kept = SessionMachine.KeepDeadlines(row, Start.AddSeconds(500), Options).Row;
        Assert.Equal(DropReason.DurationLimit, kept.Reason);
        Assert.Equal(Start.AddSeconds(120), kept.DroppedAt);
        Assert.Equal(30_000 + 60_000, kept.StreamedMilliseconds);
    }

    [Fact]
    public void A_changed_limit_moves_the_end_of_a_stream_either_way()
    {
        var row = Connect(In(Situation.TokenLive).Row, "c-1", Start.AddSeconds(120), Start.AddSeconds(20));

        var longer = SessionMachine.LimitStream(row, Start.AddSeconds(900), Start.AddSeconds(130), Options).Row;
        Assert.Equal((SessionState.Connected, Start.AddSeconds(900)), (longer.State, longer.StreamEndsAt!.Value));
        Assert.Null(SessionMachine.LimitStream(row, null, Start.AddSeconds(130), Options).Row.StreamEndsAt);
        Assert.Equal(Start.AddSeconds(80), SessionMachine.LimitStream(row, Start.AddSeconds(80), Start.AddSeconds(60), Options).Row.StreamEndsAt);
        Assert.Same(row, SessionMachine.LimitStream(row, Start.AddSeconds(120), Start.AddSeconds(60), Options).Row);
    }

    [Fact]
    public void A_stream_that_has_lasted_longer_than_a_new_limit_ends_when_that_counts_and_is_charged_until_then()
    {
        var row = Connect(In(Situation.TokenLive).Row, "c-1", Start.AddSeconds(120), Start.AddSeconds(20));

        var ended = SessionMachine.LimitStream(row, Start.AddSeconds(40), Start.AddSeconds(60), Options).Row;
        Assert.Equal((DropReason.DurationLimit, Start.AddSeconds(60)), (ended.Reason!.Value, ended.DroppedAt!.Value));
        Assert.Equal(40_000, ended.StreamedMilliseconds);
        // Its old end had come before anybody noticed.
        ended = SessionMachine.LimitStream(row, Start.AddSeconds(40), Start.AddSeconds(500), Options).Row;
        Assert.Equal((Start.AddSeconds(120), 100_000), (ended.DroppedAt!.Value, ended.StreamedMilliseconds));
        row = Connect(SessionMachine.Disconnect(row, "c-1", clean: false, Start.AddSeconds(60), Options).Row, "c-2", Start.AddSeconds(50), Start.AddSeconds(70));
        ended = SessionMachine.KeepDeadlines(row, Start.AddSeconds(90), Options).Row;
        Assert.Equal((Start.AddSeconds(70), 40_000), (ended.DroppedAt!.Value, ended.StreamedMilliseconds));
    }

    [Fact]
    public void A_refused_connect_puts_the_idle_cleanup_off()
    {
        var (row, now) = In(Situation.TokenExpired);
        row = SessionMachine.RefuseConnect(row, ErrorCatalogue.SessionExpired, now, Options).Row;

        Assert.Equal(now.AddSeconds(Options.IdleSeconds), row.NextDeadline);
    }

    [Fact]
    public void Refused_connects_do_not_make_the_timeline_grow_for_ever()
    {
        var (row, now) = In(Situation.TokenExpired);
        var before = row.LastSeq;
        for (var attempt = 0; attempt < 1_000; attempt++)
            row = SessionMachine.RefuseConnect(row, ErrorCatalogue.SessionExpired, now.AddSeconds(attempt), Options).Row;

        Assert.Equal(before + SessionMachine.MaxRefusalsShown, row.LastSeq);
        Assert.Equal((now.AddSeconds(999), 1_000), (row.LastActivityAt, row.RefusedConnects));
    }

    [Fact]
    public void The_timeline_has_no_gaps_and_tells_the_life_in_order()
    {
        var minted = Mint(withToken: true);
        var row = minted.Row;
        var events = minted.Events.ToList();
        foreach (var next in new Func<SessionRow, SessionChange>[]
        {
            from => SessionMachine.Connect(from, "c-1", null, Start.AddSeconds(5), Options),
            from => SessionMachine.Disconnect(from, "c-1", clean: false, Start.AddSeconds(15), Options),
            from => SessionMachine.Connect(from, "c-2", null, Start.AddSeconds(20), Options),
            from => SessionMachine.Disconnect(from, "c-2", clean: true, Start.AddSeconds(50), Options),
        })
        {
            var change = next(row);
            row = change.Row;
            events.AddRange(change.Events);
        }

        Assert.Equal(Enumerable.Range(1, row.LastSeq), events.Select(happened => happened.Seq));
        Assert.Equal(
            ["minted", "token_issued", "connected", "connection_lost", "connected", "dropped"],
            events.Select(happened => happened.Type));
        Assert.Equal(40_000, row.StreamedMilliseconds);
    }

    [Fact]
    public void Streamed_time_is_cut_at_midnight_and_a_session_counts_on_the_day_of_its_first_connect()
    {
        var evening = new DateTimeOffset(2026, 3, 1, 23, 0, 0, TimeSpan.Zero);
        var first = SessionMachine.Connect(In(Situation.TokenLive).Row, "c-1", null, evening, Options);
        var lost = SessionMachine.Disconnect(first.Row with { TokenExpiresAt = evening.AddDays(9) }, "c-1", clean: false, evening.AddHours(26), Options);
        var again = SessionMachine.Connect(lost.Row, "c-2", null, evening.AddHours(27), Options);

        Assert.Equal([new UsageEntry(new(2026, 3, 1), 0, 1)], first.Usage.ToArray());
        const long hour = 3_600_000;
        Assert.Equal(
            [new UsageEntry(new(2026, 3, 1), hour, 0), new(new(2026, 3, 2), 24 * hour, 0), new(new(2026, 3, 3), hour, 0)],
            lost.Usage.ToArray());
        Assert.Empty(again.Usage);
    }

    [Fact]
    public void Only_so_many_ended_connections_are_remembered()
    {
        var row = In(Situation.TokenLive).Row;
        for (var connection = 0; connection < 100; connection++)
        {
            row = Connect(row, $"c-{connection}", null, Start.AddSeconds(20));
            row = SessionMachine.Disconnect(row, $"c-{connection}", clean: false, Start.AddSeconds(20), Options).Row;
        }

        Assert.Equal(SessionMachine.MaxEndedConnections, row.EndedConnections.Length);
        Assert.Equal("c-99", row.EndedConnections[^1]);
    }

    [Fact]
    public void A_moved_session_keeps_its_token_and_is_then_the_new_nodes()
    {
        var before = In(Situation.TokenLive).Row;
        var moved = SessionMachine.Move(before, Node("node-2"), Start.AddSeconds(30), Options).Row;

        Assert.Equal(("node-2", "eu"), (moved.NodeId, moved.Region));
        Assert.Equal((before.TokenExpiresAt, before.HoldsUntil), (moved.TokenExpiresAt, moved.HoldsUntil));
    }

    [Theory]
    [InlineData(Situation.NoToken, 900.0)]
    [InlineData(Situation.TokenLive, 610.0)]
    [InlineData(Situation.TokenExpired, 610.0)]
    [InlineData(Situation.Connected, null)]
    [InlineData(Situation.ConnectedPastExpiry, null)]
    [InlineData(Situation.Lost, 610.0)]
    public void Slot_and_place_are_held_until_the_token_expires_or_the_stream_ends(Situation situation, double? seconds)
    {
        var row = In(situation).Row;

        Assert.Equal(seconds is { } until ? Start.AddSeconds(until) : (DateTimeOffset?)null, row.HoldsUntil);
        Assert.True(SessionMachine.Holds(row, Start.AddSeconds((seconds ?? 1_000_000) - 0.001)));
        Assert.Equal(seconds is null, SessionMachine.Holds(row, Start.AddSeconds(seconds ?? 1_000_000)));
    }

    [Fact]
    public void A_dropped_session_holds_nothing() => Assert.False(SessionMachine.Holds(In(Situation.Dropped).Row, Start));

    [Fact]
    public void A_dropped_session_is_read_for_24_hours()
    {
        var dropped = In(Situation.Dropped).Row;
        var day = dropped.DroppedAt!.Value.AddHours(24);

        Assert.True(SessionMachine.IsReadable(dropped, day.AddTicks(-1), Options));
        Assert.False(SessionMachine.IsReadable(dropped, day, Options));
    }

    [Fact]
    public void A_key_older_than_a_day_is_not_put_back_by_a_late_write()
    {
        var row = Mint(withToken: true).Row;
        var connected = Connect(row, "c-1", null, Start.AddSeconds(5));

        Assert.Equal("key", SessionMachine.Disconnect(connected, "c-1", clean: true, Start.AddHours(24).AddTicks(-1), Options).Row.IdempotencyKey);
        Assert.Null(SessionMachine.Disconnect(connected, "c-1", clean: true, Start.AddHours(24), Options).Row.IdempotencyKey);
    }

    static (SessionRow Row, DateTimeOffset Now) In(Situation situation)
    {
        var minted = Mint(withToken: false).Row;
        var issued = SessionMachine.IssueToken(minted, Start.AddSeconds(10), Options).Row;
        var connected = Connect(issued, "c-live", null, Start.AddSeconds(20));
        var soon = Start.AddSeconds(30);
        var late = Start.AddSeconds(700);
        return situation switch
        {
            Situation.NoToken => (minted, soon),
            Situation.TokenLive => (issued, soon),
            Situation.TokenExpired => (SessionMachine.KeepDeadlines(issued, late, Options).Row, late),
            Situation.Connected => (connected, soon),
            Situation.ConnectedPastExpiry => (SessionMachine.KeepDeadlines(connected, late, Options).Row, late),
            Situation.Lost => (SessionMachine.Disconnect(connected, "c-live", clean: false, Start.AddSeconds(25), Options).Row, soon),
            Situation.Dropped => (SessionMachine.Drop(connected, DropReason.Terminated, Start.AddSeconds(25), Options).Row, soon),
            _ => throw new ArgumentOutOfRangeException(nameof(situation)),
        };
    }

    static (SessionChange Change, string? Refusal) Happens(SessionRow row, Event happening, DateTimeOffset now)
    {
        return happening switch
        {
            Event.Token => (SessionMachine.IssueToken(row, now, Options), null),
            Event.Connect => Connect("c-new", NodeId),
            Event.ConnectAgain or Event.ConnectEnded => Connect("c-live", NodeId),
            Event.ConnectElsewhere => Connect("c-new", "node-9"),
            Event.CleanDisconnect => (SessionMachine.Disconnect(row, "c-live", clean: true, now, Options), null),
            Event.LostDisconnect => (SessionMachine.Disconnect(row, "c-live", clean: false, now, Options), null),
            Event.StaleDisconnect => (SessionMachine.Disconnect(row, "c-stale", clean: true, now, Options), null),
            Event.Drop => (SessionMachine.Drop(row, DropReason.Terminated, now, Options), null),
            _ => throw new ArgumentOutOfRangeException(nameof(happening)),
        };

        (SessionChange, string?) Connect(string connectionId, string nodeId)
        {
            var verdict = SessionMachine.JudgeConnect(row, nodeId, connectionId, now);
            return verdict.Accept
                ? (SessionMachine.Connect(row, connectionId, null, now, Options), null)
                : (new SessionChange(row, [], []), verdict.Refusal);
        }
    }

    static SessionRow Connect(SessionRow row, string connectionId, DateTimeOffset? streamEndsAt, DateTimeOffset now) =>
        SessionMachine.Connect(row, connectionId, streamEndsAt, now, Options).Row;

    static SessionChange Mint(bool withToken) => SessionMachine.Mint(
        new MintRequest
        {
            SessionId = "ses_1",
            WithToken = withToken,
            IdempotencyKey = "key",
            RegionLatencies = ImmutableDictionary<string, double>.Empty,
        },
        "usr_1", Node(NodeId), Start, Options);

    static Node Node(string nodeId) => new()
    {
        NodeId = nodeId,
        OwnerId = "usr_9",
        Region = "eu",
        Model = "m",
        Capacity = 1,
        Used = 0,
        Live = true,
    };
}
