using Microsoft.Extensions.Time.Testing;
using SessionManager.Console.Browsing;

namespace SessionManager.Tests.Browsing;

public class ServerClockTests
{
    readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Ages_are_counted_from_the_servers_clock_where_this_one_is_off()
    {
        using var clock = new ServerClock(_time);
        clock.Heard(_time.GetUtcNow().AddMinutes(7));
        Assert.Equal(_time.GetUtcNow().AddMinutes(7), clock.Now);
    }

    [Fact]
    public void The_whole_seconds_of_an_answers_date_are_no_difference()
    {
        using var clock = new ServerClock(_time);
        clock.Heard(_time.GetUtcNow().AddSeconds(-0.9));
        Assert.Equal(_time.GetUtcNow(), clock.Now);
    }

    [Fact]
    public void The_servers_clock_ticks_every_second_while_somebody_listens()
    {
        using var clock = new ServerClock(_time);
        var ticks = 0;
        void Count() => ticks++;
        clock.Ticked += Count;
        _time.Advance(TimeSpan.FromSeconds(3));
        clock.Ticked -= Count;
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, ticks);
    }
}
