using SessionManager.Owners;
using SessionManager.Sessions;

namespace SessionManager.Tests.Owners;

public sealed class HoldingsTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset Until = Now.AddSeconds(600);

    readonly Holdings _holdings = new();

    [Fact]
    public void What_is_promised_counts_at_once_and_no_longer_than_promised()
    {
        _holdings.Promise("s-1", 0, Until, Now);
        _holdings.Promise("s-2", 0, null, Now);

        Assert.Equal(2, _holdings.Held(Until.AddMilliseconds(-1)));
        Assert.Equal(1, _holdings.Held(Until));
        Assert.Equal(1, _holdings.Held(Now.AddYears(10)));
    }

    [Fact]
    public void Promising_a_session_twice_counts_it_once()
    {
        _holdings.Promise("s-1", 0, Until, Now);
        _holdings.Promise("s-1", 0, Until.AddSeconds(60), Now);

        Assert.Equal(1, _holdings.Held(Until));
        Assert.Equal(0, _holdings.Held(Until.AddSeconds(60)));
    }

    [Fact]
    public void Only_the_latest_promise_can_be_taken_back()
    {
        var first = _holdings.Promise("s-1", 0, Until, Now);
        var second = _holdings.Promise("s-1", 0, Until, Now);

        _holdings.TakeBack("s-1", first);
        Assert.Equal(1, _holdings.Held(Now));
        _holdings.TakeBack("s-1", second);
        Assert.Equal(0, _holdings.Held(Now));
        _holdings.TakeBack("s-1", second);
        Assert.Equal(0, _holdings.Held(Now));
    }

    [Fact]
    public void A_promise_taken_back_leaves_what_the_row_holds()
    {
        _holdings.Reset([Report("s-1", version: 1, Until)]);
        var ticket = _holdings.Promise("s-1", 1, null, Now);
        Assert.Equal(1, _holdings.Held(Until));

        _holdings.TakeBack("s-1", ticket);
        Assert.Equal(0, _holdings.Held(Until));
    }

    [Fact]
    public void A_shorter_promise_frees_nothing_before_the_row_says_so()
    {
        _holdings.Reset([Report("s-1", version: 1, Until)]);
        _holdings.Promise("s-1", 1, Now.AddSeconds(60), Now);
        Assert.Equal(1, _holdings.Held(Now.AddSeconds(60)));

        _holdings.Hear(Report("s-1", version: 2, Now.AddSeconds(60)));
        Assert.Equal(0, _holdings.Held(Now.AddSeconds(60)));
    }

    [Fact]
    public void A_promise_stands_until_a_later_version_shows_that_its_write_has_landed_or_never_will()
    {
        _holdings.Reset([Report("s-1", version: 3, Until)]);
        _holdings.Promise("s-1", 3, null, Now);

        _holdings.Hear(Report("s-1", version: 3, Until));
        Assert.Equal(1, _holdings.Held(Until));
        _holdings.Hear(Report("s-1", version: 4, Until));
        Assert.Equal(0, _holdings.Held(Until));
    }

    [Fact]
    public void A_report_that_is_overtaken_changes_nothing()
    {
        _holdings.Reset([Report("s-1", version: 3, null)]);
        _holdings.Hear(Report("s-1", version: 2, Until));

        Assert.Equal(1, _holdings.Held(Until));
    }

    [Fact]
    public void A_report_of_a_session_that_is_gone_does_not_bring_it_back()
    {
        _holdings.Reset([Report("s-1", version: 1, Until)]);
        _holdings.Remove("s-1");
        _holdings.Hear(Report("s-1", version: 2, null));

        Assert.Equal(0, _holdings.Held(Now));
        Assert.Empty(_holdings.All);
    }

    [Fact]
    public void What_has_lapsed_stays_lapsed_when_the_clock_is_set_back()
    {
        _holdings.Reset([Report("s-1", version: 1, Until)]);
        Assert.Equal(0, _holdings.Held(Until));

        Assert.Equal(0, _holdings.Held(Now));
        Assert.False(_holdings.TryFindHeld("s-1", Now, out _));
        _holdings.Merge([Report("s-1", version: 1, Until)], _holdings.Mark());
        Assert.Equal(0, _holdings.Held(Now));
    }

    [Fact]
    public void A_look_forgets_what_is_in_no_row_any_more_and_keeps_what_is_only_promised()
    {
        _holdings.Reset([Report("s-1", version: 1, Until), Report("s-2", version: 1, Until)]);
        _holdings.Promise("s-3", 0, Until, Now);
        var mark = _holdings.Mark();

        Assert.False(_holdings.Merge([Report("s-2", version: 1, Until)], mark));
        Assert.Equal(["s-2", "s-3"], _holdings.All.Select(holding => holding.SessionId).Order());
    }

    [Fact]
    public void A_look_does_not_forget_what_was_heard_of_after_it_began()
    {
        _holdings.Promise("s-1", 0, Until, Now);
        var mark = _holdings.Mark();
        _holdings.Hear(Report("s-1", version: 1, Until));

        _holdings.Merge([], mark);
        Assert.Equal(1, _holdings.Held(Now));
    }

    [Fact]
    public void A_look_tells_of_rows_that_are_not_known_here_and_adds_none()
    {
        Assert.True(_holdings.Merge([Report("s-1", version: 1, Until)], _holdings.Mark()));
        Assert.Equal(0, _holdings.Held(Now));
    }

    [Fact]
    public void A_promise_is_stale_when_nothing_was_heard_of_it_for_long_and_no_row_holds_as_much()
    {
        var age = TimeSpan.FromSeconds(10);
        _holdings.Promise("s-1", 0, Until, Now);

        Assert.False(_holdings.HasStalePromise(Now.AddSeconds(9.999), age));
        Assert.True(_holdings.HasStalePromise(Now.AddSeconds(10), age));
        // It has lapsed: there is nothing to settle any more.
        Assert.Equal(0, _holdings.Held(Until));
        Assert.False(_holdings.HasStalePromise(Until, age));

        _holdings.Reset([Report("s-2", version: 1, Until)]);
        _holdings.Promise("s-2", 1, Until.AddSeconds(60), Now);
        Assert.False(_holdings.HasStalePromise(Now.AddSeconds(10), age));
        Assert.True(_holdings.HasStalePromise(Until, age));
    }

    /// <summary>An account takes it for a stream that runs, and would count its hours for as long as the row holds by itself.</summary>
    [Fact]
    public void A_promise_without_an_end_is_stale_even_where_the_row_still_holds()
    {
        var age = TimeSpan.FromSeconds(10);
        _holdings.Reset([Report("s-1", version: 1, Until)]);
        _holdings.Promise("s-1", 1, null, Now);

        Assert.False(_holdings.HasStalePromise(Now.AddSeconds(9.999), age));
        Assert.True(_holdings.HasStalePromise(Now.AddSeconds(10), age));
    }

    /// <summary>Two activations of an account may mint it: the slower one is refused, and gives back its own promise only.</summary>
    [Fact]
    public void A_promise_to_another_mint_of_the_same_session_outlives_the_one_given_back()
    {
        var first = _holdings.Promise("s-1", 0, Until.AddSeconds(60), Now);
        var second = _holdings.Promise("s-1", 0, Until, Now);
        Assert.Equal(1, _holdings.Held(Now));

        _holdings.TakeBack("s-1", second);
        Assert.Equal(1, _holdings.Held(Until));
        _holdings.TakeBack("s-1", first);
        Assert.Equal(0, _holdings.Held(Now));

        first = _holdings.Promise("s-1", 0, Until, Now);
        second = _holdings.Promise("s-1", 0, Until, Now);
        _holdings.TakeBack("s-1", first);
        Assert.Equal(1, _holdings.Held(Now));
        _holdings.Hear(Report("s-1", version: 1, Until));
        _holdings.TakeBack("s-1", second);
        Assert.Equal(1, _holdings.Held(Now));
        Assert.Equal(0, _holdings.Held(Until));
    }

    [Fact]
    public void A_new_epoch_forgets_every_promise()
    {
        _holdings.Promise("s-1", 0, Until, Now);
        _holdings.Reset([Report("s-2", version: 1, null)]);

        Assert.Equal("s-2", Assert.Single(_holdings.All).SessionId);
        Assert.Equal(1, _holdings.Held(Now));
    }

    [Fact]
    public void The_next_lapse_is_the_earliest_of_those_that_lapse_by_themselves()
    {
        Assert.Null(_holdings.NextLapse(Now));
        _holdings.Promise("s-1", 0, Until, Now);
        _holdings.Promise("s-2", 0, Until.AddSeconds(-60), Now);
        Assert.Equal(Until.AddSeconds(-60), _holdings.NextLapse(Now));
        Assert.Equal(Until, _holdings.NextLapse(Until.AddSeconds(-60)));
        _holdings.Promise("s-1", 0, null, Now);
        Assert.Null(_holdings.NextLapse(Until.AddSeconds(-60)));
    }

    internal static SessionReport Report(string sessionId, long version, DateTimeOffset? until) => new()
    {
        SessionId = sessionId,
        Version = version,
        NodeId = "node-1",
        State = until is null ? SessionState.Connected : SessionState.Provisioned,
        HoldsUntil = until,
    };
}
