using Microsoft.Extensions.Time.Testing;
using SessionManager.Console.Browsing;

namespace SessionManager.Tests.Browsing;

public class ServerClockTests
{
    readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Ages_are_counted_from_the_servers_clock_where_this_one_is_off()
    {
        using var clock = new ServerClock(time);
        clock.Heard(time.GetUtcNow().AddMinutes(7));
        Assert.Equal(time.GetUtcNow().AddMinutes(7), clock.Now);
    }

    [Fact]
    public void The_whole_seconds_of_an_answers_date_are_no_difference()
    {
        using var clock = new ServerClock(time);
        clock.Heard(time.GetUtcNow().AddSeconds(-0.9));
        Assert.Equal(time.GetUtcNow(), clock.Now);
    }

    [Fact]
    public void The_servers_clock_ticks_every_second_while_somebody_listens()
    {
        using var clock = new ServerClock(time);
        var ticks = 0;
        void Count() => ticks++;
        clock.Ticked += Count;
        time.Advance(TimeSpan.FromSeconds(3));
        clock.Ticked -= Count;
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, ticks);
    }
}
