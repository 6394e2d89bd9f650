using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Options;
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
            { Situation.Lost, Event.ConnectEnded, c, same },
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

        var (after, refusal) = Happens(before, happening, now);

        Assert.Equal(expected, after.State);
        switch (outcome)
        {
            case "same":
                Assert.Null(refusal);
                Assert.Equal(before, after);
                break;
            case "changed":
                Assert.Null(refusal);
                Assert.True(after.LastSeq > before.LastSeq, "What changes is told in the timeline.");
                break;
            default:
                Assert.Equal(outcome, refusal);
                break;
        }
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
        var kept = SessionMachine.KeepDeadlines(In(situation).Record, Start.AddSeconds(seconds), Options);

        Assert.Equal(state, kept.State);
        Assert.Equal(reason, kept.Reason);
    }

    [Fact]
    public void A_stream_ends_at_the_accounts_longest_duration_counted_from_the_first_connect()
    {
        var record = SessionMachine.Connect(In(Situation.TokenLive).Record, "c-1", maxStreamSeconds: 100, Start.AddSeconds(20));
        record = SessionMachine.Disconnect(record, "c-1", clean: false, Start.AddSeconds(50));
        record = SessionMachine.Connect(record, "c-2", maxStreamSeconds: null, Start.AddSeconds(60));

        Assert.Equal(SessionState.Connected, SessionMachine.KeepDeadlines(record, Start.AddSeconds(119), Options).State);
        var kept = SessionMachine.KeepDeadlines(record, Start.AddSeconds(500), Options);
        Assert.Equal(DropReason.DurationLimit, kept.Reason);
        Assert.Equal(Start.AddSeconds(120), kept.DroppedAt);
        Assert.Equal(30 + 60, kept.StreamedSeconds);
    }

    [Fact]
    public void A_refused_connect_puts_the_idle_cleanup_off()
    {
        var (record, now) = In(Situation.TokenExpired);
        record = SessionMachine.RefuseConnect(record, ErrorCatalogue.SessionExpired, now);

        Assert.Equal(now.AddSeconds(Options.IdleSeconds), SessionMachine.NextDeadline(record, Options));
    }

    [Fact]
    public void Refused_connects_do_not_make_the_timeline_grow_for_ever()
    {
        var (record, now) = In(Situation.TokenExpired);
        var before = record.LastSeq;
        for (var attempt = 0; attempt < 1_000; attempt++)
            record = SessionMachine.RefuseConnect(record, ErrorCatalogue.SessionExpired, now);

        Assert.Equal(before + SessionMachine.MaxRefusalsTold, record.LastSeq);
    }

    [Fact]
    public void The_timeline_has_no_gaps_and_tells_the_life_in_order()
    {
        var record = SessionMachine.Mint("ses_1", Grant(withToken: true), Options);
        record = SessionMachine.Connect(record, "c-1", null, Start.AddSeconds(5));
        record = SessionMachine.Disconnect(record, "c-1", clean: false, Start.AddSeconds(15));
        record = SessionMachine.Connect(record, "c-2", null, Start.AddSeconds(20));
        record = SessionMachine.Disconnect(record, "c-2", clean: true, Start.AddSeconds(50));

        Assert.Equal(Enumerable.Range(1, record.LastSeq), record.Outbox.Select(told => told.Seq));
        Assert.Equal(
            ["minted", "token_issued", "connected", "connection_lost", "connected", "dropped"],
            record.Outbox.Select(told => told.Type));
        Assert.Equal(40, record.StreamedSeconds);
    }

    [Fact]
    public void What_the_journal_has_is_forgotten_and_what_came_after_is_kept()
    {
        var record = SessionMachine.Connect(In(Situation.TokenLive).Record, "c-1", null, Start.AddSeconds(20));

        var journaled = SessionMachine.Journaled(record, upToSeq: 2);

        Assert.Equal([3], journaled.Outbox.Select(told => told.Seq));
        Assert.Equal(record.LastSeq, journaled.LastSeq);
    }

    [Fact]
    public void Only_so_many_ended_connections_are_remembered()
    {
        var record = In(Situation.TokenLive).Record;
        for (var connection = 0; connection < 100; connection++)
        {
            record = SessionMachine.Connect(record, $"c-{connection}", null, Start.AddSeconds(20));
            record = SessionMachine.Disconnect(record, $"c-{connection}", clean: false, Start.AddSeconds(20));
        }

        Assert.Equal(SessionMachine.MaxEndedConnections, record.EndedConnections.Length);
        Assert.Equal("c-99", record.EndedConnections[^1]);
    }

    [Fact]
    public void A_moved_session_keeps_its_token_and_takes_the_new_nodes_place()
    {
        var before = In(Situation.TokenLive).Record with { Placed = false };
        var moved = SessionMachine.Move(before, Node("node-2"), Start.AddSeconds(30));

        Assert.Equal(("node-2", "eu", true), (moved.NodeId, moved.Region, moved.Placed));
        Assert.Equal(before.TokenExpiresAt, moved.TokenExpiresAt);
    }

    [Theory]
    [InlineData(Situation.NoToken, 900)]
    [InlineData(Situation.TokenLive, 610)]
    public void A_session_not_yet_connected_holds_its_slot_until_its_token_expires(Situation situation, double seconds)
    {
        var hold = SessionMachine.Hold(In(situation).Record, Options);

        Assert.Equal(Start.AddSeconds(seconds), hold!.SlotUntil);
    }

    [Fact]
    public void A_connected_session_holds_its_slot_until_it_gives_it_back_and_a_dropped_one_holds_nothing()
    {
        Assert.Equal(new SessionHold(null, null), SessionMachine.Hold(In(Situation.Connected).Record, Options));
        Assert.Null(SessionMachine.Hold(In(Situation.Dropped).Record, Options));
    }

    [Theory]
    [InlineData(Situation.NoToken, true)]
    [InlineData(Situation.TokenLive, true)]
    [InlineData(Situation.TokenExpired, false)]
    [InlineData(Situation.Connected, true)]
    [InlineData(Situation.ConnectedPastExpiry, true)]
    [InlineData(Situation.Lost, true)]
    [InlineData(Situation.Dropped, false)]
    public void A_place_is_needed_until_the_token_expires_or_the_stream_ends(Situation situation, bool needed)
    {
        var (record, now) = In(situation);

        Assert.Equal(needed, SessionMachine.NeedsPlace(record, now));
    }

    [Fact]
    public void A_dropped_session_is_read_for_24_hours_and_then_deleted()
    {
        var dropped = In(Situation.Dropped).Record;
        var day = dropped.DroppedAt!.Value.AddHours(24);

        Assert.True(SessionMachine.IsReadable(dropped, day.AddTicks(-1), Options));
        Assert.False(SessionMachine.IsReadable(dropped, day, Options));
        Assert.True(SessionMachine.IsPurgeable(dropped, day, Options));
        Assert.False(SessionMachine.IsPurgeable(In(Situation.Connected).Record, day, Options));
    }

    [Fact]
    public void What_an_idempotent_mint_left_stays_while_its_id_could_be_derived_again()
    {
        var dropped = In(Situation.Dropped).Record with { BodyDigest = "d" };

        Assert.False(SessionMachine.IsPurgeable(dropped, Start.AddHours(47), Options));
        Assert.True(SessionMachine.IsPurgeable(dropped, Start.AddHours(48), Options));
    }

    static (SessionRecord Record, DateTimeOffset Now) In(Situation situation)
    {
        var minted = SessionMachine.Mint("ses_1", Grant(withToken: false), Options);
        var issued = SessionMachine.IssueToken(minted, Start.AddSeconds(10), Options);
        var connected = SessionMachine.Connect(issued, "c-live", null, Start.AddSeconds(20));
        var soon = Start.AddSeconds(30);
        var late = Start.AddSeconds(700);
        return situation switch
        {
            Situation.NoToken => (minted, soon),
            Situation.TokenLive => (issued, soon),
            Situation.TokenExpired => (SessionMachine.KeepDeadlines(issued, late, Options), late),
            Situation.Connected => (connected, soon),
            Situation.ConnectedPastExpiry => (SessionMachine.KeepDeadlines(connected, late, Options), late),
            Situation.Lost => (SessionMachine.Disconnect(connected, "c-live", clean: false, Start.AddSeconds(25)), soon),
            Situation.Dropped => (SessionMachine.Drop(connected, DropReason.Terminated, Start.AddSeconds(25)), soon),
            _ => throw new ArgumentOutOfRangeException(nameof(situation)),
        };
    }

    static (SessionRecord After, string? Refusal) Happens(SessionRecord record, Event happening, DateTimeOffset now)
    {
        return happening switch
        {
            Event.Token => (SessionMachine.IssueToken(record, now, Options), null),
            Event.Connect => Connect("c-new", NodeId),
            Event.ConnectAgain or Event.ConnectEnded => Connect("c-live", NodeId),
            Event.ConnectElsewhere => Connect("c-new", "node-9"),
            Event.CleanDisconnect => (SessionMachine.Disconnect(record, "c-live", clean: true, now), null),
            Event.LostDisconnect => (SessionMachine.Disconnect(record, "c-live", clean: false, now), null),
            Event.StaleDisconnect => (SessionMachine.Disconnect(record, "c-stale", clean: true, now), null),
            Event.Drop => (SessionMachine.Drop(record, DropReason.Terminated, now), null),
            _ => throw new ArgumentOutOfRangeException(nameof(happening)),
        };

        (SessionRecord, string?) Connect(string connectionId, string nodeId)
        {
            var verdict = SessionMachine.JudgeConnect(record, nodeId, connectionId, now);
            return (verdict.Accept ? SessionMachine.Connect(record, connectionId, null, now) : record, verdict.Refusal);
        }
    }

    static SessionGrant Grant(bool withToken) => new()
    {
        AccountId = "usr_1",
        NodeId = NodeId,
        Region = "eu",
        Model = "m",
        WithToken = withToken,
        At = Start,
        Attempt = 1,
    };

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
