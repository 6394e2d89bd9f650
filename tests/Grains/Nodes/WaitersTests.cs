using System.Collections.Immutable;
using SessionManager.Nodes;

namespace SessionManager.Tests.Nodes;

public sealed class WaitersTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);

    readonly Waiters _waiters = new();

    [Fact]
    public void While_an_account_decides_about_one_caller_its_others_wait_and_those_of_other_accounts_do_not()
    {
        var first = Come("s-1", "usr_a");
        var second = Come("s-2", "usr_a");
        var other = Come("s-3", "usr_b");
        Assert.True(_waiters.Keep(first, Place("s-1")));

        Assert.False(_waiters.IsTheTurnOf(second, Now));
        Assert.True(_waiters.IsTheTurnOf(other, Now));
        Assert.Equal("s-1", _waiters.Decided("s-1")!.SessionId);
        Assert.True(_waiters.IsTheTurnOf(second, Now));
        Assert.Null(_waiters.Decided("s-1"));
    }

    [Fact]
    public void A_decision_that_is_never_heard_of_holds_nobody_up_for_ever()
    {
        var first = Come("s-1", "usr_a");
        var second = Come("s-2", "usr_a");
        _waiters.Keep(first, Place("s-1"));

        Assert.False(_waiters.IsTheTurnOf(second, Now.AddSeconds(9.999)));
        Assert.True(_waiters.IsTheTurnOf(second, Now.AddSeconds(10)));
    }

    [Fact]
    public void A_waiting_caller_who_has_gone_is_kept_no_place()
    {
        var caller = Come("s-1", "usr_a");
        caller.Answer.SetResult(null);

        Assert.False(_waiters.IsTheTurnOf(caller, Now));
        Assert.False(_waiters.Keep(caller, Place("s-1")));
        Assert.Null(_waiters.Decided("s-1"));
    }

    [Fact]
    public void Callers_are_counted_by_what_they_ask_for()
    {
        Come("s-1", "usr_a");
        var seat = _waiters.Add(new WaitingCaller("s-2", "usr_a", new Placement(ImmutableDictionary<string, double>.Empty, NeedsImageToVideo: true)));
        Come("s-3", "usr_b");
        Assert.Equal([new WaitingCallers(false, 2), new WaitingCallers(true, 1)], _waiters.Counts().OrderBy(callers => callers.NeedImageToVideo));

        _waiters.Remove(seat);
        _waiters.Remove(seat);
        Assert.Equal([new WaitingCallers(false, 2)], _waiters.Counts().ToArray());
    }

    WaitingCaller Come(string sessionId, string accountId) =>
        _waiters.Add(new WaitingCaller(sessionId, accountId, new Placement(ImmutableDictionary<string, double>.Empty, NeedsImageToVideo: false))).Value;

    static KeptPlace Place(string sessionId) => new(sessionId, "node-1", new PlacePromise(Epoch: 1, Ticket: 1), Now.AddSeconds(10));
}
