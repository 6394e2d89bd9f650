using SessionManager.Accounts;
using SessionManager.Errors;

namespace SessionManager.Tests.Accounts;

public sealed class RateLimiterTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Lets_a_minutes_requests_through_at_once_and_then_says_when_the_next_may_come()
    {
        var limiter = new RateLimiter(60);
        for (var request = 0; request < 60; request++)
            Assert.True(limiter.Count("key_1", Now).Ok);

        var refused = limiter.Count("key_1", Now);

        Assert.Equal(ErrorCatalogue.RateLimited, refused.Refusal!.Code);
        Assert.Equal(1, refused.Refusal.RetryAfterSeconds);
        Assert.True(limiter.Count("key_1", Now.AddSeconds(1)).Ok);
        Assert.False(limiter.Count("key_1", Now.AddSeconds(1)).Ok);
    }

    [Fact]
    public void A_refused_request_is_not_counted()
    {
        var limiter = new RateLimiter(1);
        Assert.True(limiter.Count(null, Now).Ok);
        for (var attempt = 0; attempt < 100; attempt++)
            Assert.False(limiter.Count(null, Now.AddSeconds(30)).Ok);

        Assert.True(limiter.Count(null, Now.AddSeconds(60)).Ok);
    }

    [Fact]
    public void All_keys_of_an_account_share_its_rate()
    {
        var limiter = new RateLimiter(2);
        Assert.True(limiter.Count("key_1", Now).Ok);
        Assert.True(limiter.Count("key_2", Now).Ok);

        Assert.False(limiter.Count("key_3", Now).Ok);
        Assert.False(limiter.Count(null, Now).Ok);
    }

    [Fact]
    public void A_key_may_have_a_rate_of_its_own_within_the_accounts()
    {
        var limiter = new RateLimiter(5, 2);
        Assert.Equal((2, 1), Told(limiter.Count("key_1", Now)));
        Assert.True(limiter.Count("key_1", Now).Ok);
        Assert.Equal(30, limiter.Count("key_1", Now).Refusal!.RetryAfterSeconds);

        Assert.Equal((2, 1), Told(limiter.Count("key_2", Now)));
        Assert.Equal((5, 1), Told(limiter.Count(null, Now)));
        Assert.Equal((5, 0), Told(limiter.Count("key_2", Now)));
        Assert.Equal(12, limiter.Count("key_3", Now).Refusal!.RetryAfterSeconds);

        static (int, int) Told(Result<RateState> rate) => (rate.Value!.Limit, rate.Value.Remaining);
    }

    [Fact]
    public void Tells_what_is_left_and_when_it_is_whole_again()
    {
        var limiter = new RateLimiter(60);
        limiter.Count(null, Now);

        var rate = limiter.Count(null, Now).Value!;

        Assert.Equal((60, 58, 2), (rate.Limit, rate.Remaining, rate.ResetSeconds));
    }

    [Fact]
    public void A_clock_that_steps_back_takes_nothing_away()
    {
        var limiter = new RateLimiter(10);
        limiter.Count(null, Now);

        Assert.Equal(8, limiter.Count(null, Now.AddHours(-1)).Value!.Remaining);
    }
}
