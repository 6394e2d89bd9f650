using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Sessions;

namespace SessionManager.Tests.Accounts;

public sealed class SlotsTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);

    readonly Slots _slots = new(new TestTime(Now));

    [Fact]
    public void What_a_connection_streamed_counts_once_however_it_is_heard_of()
    {
        var month = StreamHours.MonthOf(Now);
        _slots.Reset([Streamed(1, 0)]);
        _slots.Hours.Know(month, 0);

        _slots.Hear(Streamed(2, 1_000));
        _slots.Hear(Streamed(2, 1_000));
        _slots.Dropped(Streamed(3, 1_500));

        Assert.Equal(1_500, _slots.Hours.Milliseconds([], Now));
    }

    [Fact]
    public void Hours_are_read_anew_where_it_was_not_heard_how_a_session_ended()
    {
        _slots.Reset([Streamed(1, 0)]);
        _slots.Hours.Know(StreamHours.MonthOf(Now), 0);

        _slots.Merge([], _slots.Mark());

        Assert.False(_slots.Hours.IsKnown(Now));
    }

    static SessionReport Streamed(long version, long milliseconds) => new()
    {
        SessionId = "s-1",
        Version = version,
        NodeId = "node-1",
        State = SessionState.Connected,
        StreamedMilliseconds = milliseconds,
    };

    [Fact]
    public void An_account_gives_slots_up_to_its_limit_and_not_one_more()
    {
        _slots.Promise("s-1", 0, Now.AddSeconds(600), Now);
        Assert.Null(_slots.WhyNone(2, Now));
        _slots.Promise("s-2", 0, Now.AddSeconds(700), Now);

        var refusal = _slots.WhyNone(2, Now);
        Assert.Equal(ErrorCatalogue.ConcurrentLimit, refusal!.Code);
        Assert.Equal((2, 2, 600), (refusal.Details!.ActiveCount, refusal.Details.Limit, refusal.RetryAfterSeconds));
        Assert.NotNull(_slots.WhyNone(2, Now.AddSeconds(599.999)));
        Assert.Null(_slots.WhyNone(2, Now.AddSeconds(600)));
    }

    [Fact]
    public void Where_no_slot_ends_by_itself_it_is_not_said_when_to_come_again()
    {
        _slots.Promise("s-1", 0, null, Now);

        Assert.Null(_slots.WhyNone(1, Now)!.RetryAfterSeconds);
        Assert.Null(_slots.WhyNone(0, Now)!.RetryAfterSeconds);
    }

    [Fact]
    public void A_live_session_is_known_by_the_key_it_was_minted_under()
    {
        Mint("s-1", key: "k", deadline: 600);
        Assert.Equal("s-1", _slots.MintedUnder("k"));
        Assert.Null(_slots.MintedUnder("another"));

        _slots.Remove("s-1");
        Assert.Null(_slots.MintedUnder("k"));
        _slots.Reset([Report("s-2", "k", 600)]);
        Assert.Equal("s-2", _slots.MintedUnder("k"));
    }

    [Fact]
    public void Deadlines_are_the_accounts_until_their_sessions_are_woken()
    {
        Mint("s-1", null, deadline: 600);
        Mint("s-2", null, deadline: 300);
        Mint("s-3", null, deadline: 900);
        Assert.Equal(Now.AddSeconds(300), _slots.NextDeadline);
        Assert.Empty(_slots.TakeDue(Now.AddSeconds(299)));
        Assert.Equal(["s-2", "s-1"], _slots.TakeDue(Now.AddSeconds(600)));
        Assert.Equal(Now.AddSeconds(900), _slots.NextDeadline);

        // What a session says of itself is its own to keep.
        _slots.Hear(Report("s-1", null, 800, version: 2));
        Assert.Equal(Now.AddSeconds(900), _slots.NextDeadline);
    }

    [Fact]
    public void A_session_that_has_another_deadline_by_then_is_not_woken()
    {
        Mint("s-1", null, deadline: 300);
        Mint("s-2", null, deadline: 300);
        _slots.Hear(Report("s-1", null, 800, version: 2));
        _slots.Remove("s-2");

        Assert.Empty(_slots.TakeDue(Now.AddSeconds(300)));
    }

    [Fact]
    public void Of_a_new_epoch_every_deadline_is_the_accounts()
    {
        _slots.Reset([Report("s-1", null, 500), Report("s-2", null, 400)]);

        Assert.Equal(["s-2", "s-1"], _slots.TakeDue(Now.AddSeconds(500)));
    }

    void Mint(string sessionId, string? key, double deadline)
    {
        _slots.Promise(sessionId, 0, Now.AddSeconds(deadline), Now);
        _slots.Minted(Report(sessionId, key, deadline));
    }

    static SessionReport Report(string sessionId, string? key, double deadline, long version = 1) => new()
    {
        SessionId = sessionId,
        Version = version,
        NodeId = "node-1",
        IdempotencyKey = key,
        State = SessionState.Provisioned,
        HoldsUntil = Now.AddSeconds(deadline),
        NextDeadline = Now.AddSeconds(deadline),
    };
}
