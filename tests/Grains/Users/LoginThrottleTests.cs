using SessionManager.Users;

namespace SessionManager.Tests.Users;

public sealed class LoginThrottleTests
{
    const int Free = 5;
    static readonly LoginOptions Options = new();
    static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_failures_cost_nothing() => Assert.All(Enumerable.Range(0, Free), failures => Assert.Null(Wait(failures)));

    [Fact]
    public void Then_each_failure_doubles_the_wait_up_to_the_longest() =>
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], Enumerable.Range(Free, 8).Select(failures => Wait(failures)!.Value));

    [Fact]
    public void However_often_someone_else_guesses_the_wait_stays_bounded() => Assert.Equal(60, Wait(1_000_000));

    [Fact]
    public void The_wait_is_told_in_whole_seconds_and_ends_exactly_when_told()
    {
        var throttle = new LoginThrottle(Free + 2, Now);

        Assert.Equal(4, throttle.Wait(Now.AddMilliseconds(1), Free, Options));
        Assert.Equal(1, throttle.Wait(Now.AddSeconds(4).AddTicks(-1), Free, Options));
        Assert.Null(throttle.Wait(Now.AddSeconds(4), Free, Options));
    }

    [Fact]
    public void Failures_are_forgotten_after_a_quarter_of_an_hour_without_one()
    {
        var throttle = new LoginThrottle(12, Now);

        Assert.Equal(13, throttle.Failed(Now.AddSeconds(899), Options).Failures);
        Assert.Equal(1, throttle.Failed(Now.AddSeconds(900), Options).Failures);
    }

    static int? Wait(int failures) => new LoginThrottle(failures, Now).Wait(Now, Free, Options);
}
