using SessionManager.Accounts;
using SessionManager.Sessions;

namespace SessionManager.Tests.Accounts;

public sealed class StreamHoursTests
{
    const long Hour = 3_600_000;
    static readonly DateTimeOffset Month = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset Now = Month.AddHours(10);
    static readonly TimeSpan Shortest = TimeSpan.FromSeconds(30);

    readonly StreamHours _hours = new();

    [Fact]
    public void Streams_that_have_ended_and_streams_that_run_count_together_and_only_this_month()
    {
        _hours.Know(Month, 2 * Hour);

        Assert.Equal(2 * Hour, _hours.Milliseconds([], Now));
        Assert.Equal(2 * Hour + Hour + 10 * Hour, _hours.Milliseconds([Now.AddHours(-1), Month.AddDays(-3)], Now));
    }

    [Fact]
    public void A_connection_that_ends_goes_on_counting_and_once()
    {
        _hours.Know(Month, 0);
        _hours.Add(Report(0), Report(Hour), Now);
        _hours.Add(Report(Hour), Report(Hour), Now);
        _hours.Add(Report(0), Report(Hour), Now);

        Assert.Equal(2 * Hour, _hours.Milliseconds([], Now));
    }

    [Fact]
    public void Of_a_connection_that_began_last_month_only_this_months_part_counts()
    {
        _hours.Know(Month, 0);
        _hours.Add(Report(0), Report(100 * Hour), Now);

        Assert.Equal(10 * Hour, _hours.Milliseconds([], Now));
    }

    [Fact]
    public void What_is_heard_is_counted_also_while_nothing_is_known()
    {
        _hours.Forget();
        _hours.Add(Report(0), Report(Hour), Now);
        _hours.Add(Report(Hour), Report(Hour), Now);

        Assert.Equal(new HoursHeard(Forgotten: 1, Ended: 1, Hour), _hours.Heard);
    }

    [Fact]
    public void A_new_month_is_not_known_yet()
    {
        _hours.Know(Month, Hour);

        Assert.True(_hours.IsKnown(Now));
        Assert.False(_hours.IsKnown(Month.AddMonths(1)));
        _hours.Forget();
        Assert.False(_hours.IsKnown(Now));
    }

    [Fact]
    public void The_end_of_the_hours_is_when_all_that_runs_has_used_them_up()
    {
        Assert.Equal(Now.AddMinutes(30), StreamHours.UsedUpAt(Hour, 2, Now));
        Assert.Equal(Now.AddMinutes(-15), StreamHours.UsedUpAt(-Hour / 2, 2, Now));
    }

    [Fact]
    public void Streams_that_were_over_before_anybody_noticed_used_up_no_hours_after_their_end()
    {
        var longest = TimeSpan.FromHours(1);
        DateTimeOffset[] running = [Now.AddHours(-4), Now.AddHours(-3.5), Now.AddHours(-2.5)];
        _hours.Know(Month, 0);

        Assert.Equal(3 * Hour, _hours.Milliseconds(running, Now, longest));
        // A quarter of an hour too much: the last one's last quarter.
        Assert.Equal(Now.AddHours(-1.75), StreamHours.UsedUpAt(Hour / 4, running, Now, longest));
        // All of the last one, and a quarter of an hour of the second, which then ran alone.
        Assert.Equal(Now.AddHours(-2.75), StreamHours.UsedUpAt(5 * Hour / 4, running, Now, longest));
        // Also an hour in which two ran, for half of it.
        Assert.Equal(Now.AddHours(-3.25), StreamHours.UsedUpAt(2 * Hour, running, Now, longest));
        Assert.Equal(Now.AddHours(-0.5), StreamHours.UsedUpAt(3 * Hour / 2, running, Now, longest: null));
    }

    [Fact]
    public void A_stream_is_looked_at_before_the_hours_can_be_used_up_whoever_joins()
    {
        // One of ten slots streams: ten of them would need a tenth of the time.
        Assert.Equal(Now.AddMinutes(6), StreamHours.NextLook(Hour, 1, 10, Shortest, Now));
        // All that can stream do: it is the end.
        Assert.Equal(Now.AddMinutes(6), StreamHours.NextLook(Hour, 10, 10, Shortest, Now));
        // Not more often than the sweep, which is how late it may be, until they really end.
        Assert.Equal(Now.AddSeconds(30), StreamHours.NextLook(60_000, 1, 10, Shortest, Now));
        Assert.Equal(Now.AddSeconds(10), StreamHours.NextLook(10_000, 1, 10, Shortest, Now));
        // Nothing streams, so nothing is used up: few milliseconds that are left must not be looked at every millisecond.
        Assert.Equal(Now.AddSeconds(30), StreamHours.NextLook(5, 0, 10, Shortest, Now));
        // Next month's hours are others.
        Assert.Equal(Month.AddMonths(1), StreamHours.NextLook(2_000 * Hour, 1, 1, Shortest, Now));
    }

    static SessionReport Report(long streamed) => new()
    {
        SessionId = "s-1",
        Version = 1,
        NodeId = "node-1",
        State = SessionState.Connected,
        StreamedMilliseconds = streamed,
    };
}
