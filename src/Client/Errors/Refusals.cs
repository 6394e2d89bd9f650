using System.Net;

namespace SessionManager.Client;

/// <summary>A refusal as it was answered.</summary>
sealed record Refusal(HttpStatusCode Status, ProblemBody? Body, TimeSpan? RetryAfter)
{
    static readonly UsageErrorDetails None = new(null, null, null, null, null, null, null, null);

    public UsageErrorDetails Details => Body?.Details ?? None;

    public string Message => Body?.Detail ?? Body?.Message ?? Body?.Title ?? $"The server answered {(int)Status}.";
}

/// <summary>From an answer to the exception that stands for it.</summary>
static class Refusals
{
    public static SessionManagerApiException Of(HttpResponseMessage response, ProblemBody? body, TimeProvider time)
    {
        var refusal = new Refusal(response.StatusCode, body, RetryAfter(response, time));
        return (refusal.Status, body?.Code) switch
        {
            (_, "CONCURRENT_LIMIT_REACHED") => new ConcurrentLimitReachedException(refusal),
            (_, "MONTHLY_LIMIT_REACHED") => new MonthlyLimitReachedException(refusal),
            (_, "ACCOUNT_SUSPENDED" or "account_suspended") => new AccountSuspendedException(refusal),
            (_, "RATE_LIMITED") => new RateLimitedException(refusal),
            (_, "STREAM_DURATION_EXCEEDED") => new StreamDurationExceededException(refusal),
            (_, "no_streamer_available") => new NoStreamerAvailableException(refusal),
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) => new SessionManagerAuthenticationException(refusal),
            _ => new SessionManagerApiException(refusal),
        };
    }

    static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > time.GetUtcNow() ? date - time.GetUtcNow() : TimeSpan.Zero,
        _ => null,
    };
}
