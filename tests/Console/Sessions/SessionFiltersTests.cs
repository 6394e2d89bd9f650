using SessionManager.Client;
using SessionManager.Console.Sessions;

namespace SessionManager.Tests.Sessions;

public class SessionFiltersTests
{
    static readonly DateTimeOffset Noon = new(2026, 11, 26, 12, 0, 0, TimeSpan.FromHours(2));
    static readonly SessionFilters LastDropped = new(Sort: SessionSorts.LastDroppedFirst);

    [Fact]
    public void An_address_holds_all_of_them_and_its_times_mean_the_same_everywhere()
    {
        var filters = new SessionFilters("dropped", "mia & co", "rack-1", " eu ", "idle", SessionSorts.LastDroppedFirst, Noon, Noon.AddMinutes(1));
        Assert.Equal(
            "sessions?state=dropped&user=mia%20%26%20co&node=rack-1&region=eu&reason=idle&sort=-dropped_at&since=2026-11-26T10%3A00%3A00Z&until=2026-11-26T10%3A01%3A00Z",
            filters.Address);
        Assert.Equal("sessions?", new SessionFilters(Sort: SessionSorts.NewestFirst).Address);
        Assert.True(LastDropped.IsEmpty);
        Assert.False(new SessionFilters(Until: Noon).IsEmpty);
    }

    [Fact]
    public void What_is_not_dropped_is_never_sorted_by_its_drop()
    {
        Assert.Null(LastDropped.InState("connected").Sort);
        Assert.Equal(SessionSorts.LastDroppedFirst, LastDropped.InState("dropped").Sort);
        Assert.Equal("dropped", new SessionFilters("connected").SortedBy(SessionSorts.LastDroppedFirst).State);
        Assert.Equal("connected", new SessionFilters("connected").SortedBy(SessionSorts.OldestFirst).State);
        Assert.Null(new SessionFilters().SortedBy(SessionSorts.LastDroppedFirst).State);
    }

    [Fact]
    public void A_new_session_is_told_of_only_where_it_would_stand_on_top()
    {
        SessionEvent minted = new(1, Noon, "minted"), dropped = new(2, Noon, "dropped");
        Assert.True(new SessionFilters().BringsNew(minted));
        Assert.True(new SessionFilters(State: "provisioned", Since: Noon).BringsNew(minted));
        Assert.False(new SessionFilters(State: "connected").BringsNew(minted));
        Assert.False(new SessionFilters(Region: "eu").BringsNew(minted));
        Assert.False(new SessionFilters(Until: Noon).BringsNew(minted));
        Assert.False(new SessionFilters(Sort: SessionSorts.OldestFirst).BringsNew(minted));
        Assert.False(LastDropped.BringsNew(minted));
        Assert.True(LastDropped.BringsNew(dropped));
        Assert.False(new SessionFilters().BringsNew(dropped));
        Assert.False(new SessionFilters(User: "mia").BringsNew(minted));
        Assert.True(new SessionFilters(User: "mia").BringsNew(minted, isUsers: true));
        Assert.False(new SessionFilters(Reason: "idle").BringsNew(minted));
        Assert.True((LastDropped with { Reason = "idle" }).BringsNew(dropped with { Detail = "idle" }));
        Assert.False((LastDropped with { Reason = "idle" }).BringsNew(dropped with { Detail = "terminated" }));
    }

    [Fact]
    public void In_words_it_says_which_time_it_is_of()
    {
        Assert.Equal("dropped, reason idle, dropped from 10:00 on", (LastDropped with { State = "dropped", Reason = "idle", Since = Noon }).Describe(Clock));
        Assert.Equal("minted from 10:00 on, minted before 11:00", new SessionFilters(Since: Noon, Until: Noon.AddHours(1)).Describe(Clock));

        static string Clock(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);
    }
}
