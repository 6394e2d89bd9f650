using SessionManager.Overview;

namespace SessionManager.Tests.Overview;

public class RefusalMinutesTests
{
    static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 30, TimeSpan.Zero);
    static readonly DateTimeOffset Minute = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_several_front_ends_refuse_in_a_minute_adds_up_by_code()
    {
        var minutes = new RefusalMinutes();
        minutes.Add([new(Minute, "a", 2), new(Minute, "b", 1)], Now);
        minutes.Add([new(Minute, "a", 3)], Now);
        Assert.Equal<RefusalCount>([new(Minute, "a", 5), new(Minute, "b", 1)], minutes.All(Now));
    }

    [Fact]
    public void After_an_hour_a_minute_is_forgotten_and_what_comes_too_late_is_not_counted()
    {
        var minutes = new RefusalMinutes();
        minutes.Add([new(Minute, "a", 1)], Now);
        Assert.Single(minutes.All(Now.AddMinutes(59)));
        Assert.Empty(minutes.All(Minute.AddHours(1)));
        minutes.Add([new(Minute, "a", 1)], Now.AddHours(2));
        Assert.Empty(minutes.All(Now.AddHours(2)));
    }
}
