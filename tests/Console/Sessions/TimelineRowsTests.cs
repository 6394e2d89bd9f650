using SessionManager.Client;
using SessionManager.Console.Sessions;

namespace SessionManager.Tests.Sessions;

public class TimelineRowsTests
{
    static readonly DateTimeOffset Start = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    static Session Session(DateTimeOffset? dropped, params (double At, string Type)[] events) => new(
        "ses_a", dropped is null ? "connected" : "dropped", null, "usr_a", "n", "eu", "m", Start, At(600), false, null, dropped, Start,
        Events: [.. events.Select((happened, index) => new SessionEvent(index + 1, At(happened.At), happened.Type))]);

    [Fact]
    public void A_connection_that_was_lost_and_came_again_is_two_bars_with_the_wait_between()
    {
        var session = Session(At(90), (0, "minted"), (0, "token_issued"), (10, "connected"), (30, "connection_lost"), (50, "connected"), (90, "dropped"));
        var bars = TimelineRows.Of(session, At(1_000));
        Assert.Equal(["Token valid", "Connected", "Connection lost", "Connected again (2)"], bars.Select(bar => bar.Label));
        Assert.Equal([90, 20, 20, 40], bars.Select(bar => bar.Length.TotalSeconds));
        Assert.DoesNotContain(bars, bar => bar.Runs);
    }

    [Fact]
    public void What_still_runs_ends_now_and_grows()
    {
        var session = Session(null, (0, "minted"), (0, "token_issued"), (10, "connected"));
        Assert.Equal(TimeSpan.FromSeconds(20), TimelineRows.Of(session, At(30)).Single(bar => bar.Style == "stream").Length);
        var later = TimelineRows.Of(session, At(40)).Single(bar => bar.Style == "stream");
        Assert.True(later.Runs);
        Assert.Equal(TimeSpan.FromSeconds(30), later.Length);
    }

    [Fact]
    public void Who_never_connected_has_no_connection() =>
        Assert.Equal(["token"], TimelineRows.Of(Session(At(900), (0, "minted"), (0, "token_issued"), (600, "token_expired"), (900, "dropped")), At(1_000)).Select(bar => bar.Style));
}
