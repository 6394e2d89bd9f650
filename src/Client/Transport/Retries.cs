using System.Net;
using System.Security.Cryptography;

namespace SessionManager.Client;

/// <summary>Whether a request that failed is worth sending again, and when.</summary>
sealed class Retries
{
    const int JitterSteps = 1_000;
    static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);

    readonly int _most;
    readonly TimeSpan _longest;

    public Retries(SessionManagerClientOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxRetries, "options.MaxRetries");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRetryDelay, TimeSpan.Zero, "options.MaxRetryDelay");
        _most = options.MaxRetries;
        _longest = options.MaxRetryDelay;
    }

    /// <summary>How long to wait before the next try; null: there is none. There were so many attempts, this one among them.</summary>
    public TimeSpan? Delay(ApiRequest request, SessionManagerException problem, int attempt)
    {
        if (attempt > _most || !IsWorthRepeating(request, problem, attempt))
            return null;
        // Never before the time asked for, and not everyone who was refused at once at the same instant.
        var delay = problem.RetryAfter is { } asked
            ? asked + Random(asked / 4 + FirstDelay)
            : Random(FirstDelay * Math.Pow(2, Math.Min(attempt, 10)));
        return (problem.RetryAfter ?? TimeSpan.Zero) > _longest ? null : delay < _longest || problem.RetryAfter is not null ? delay : _longest;
    }

    static bool IsWorthRepeating(ApiRequest request, SessionManagerException problem, int attempt) => problem switch
    {
        SessionManagerConnectionException => request.IsRepeatable,
        // Refused before anything was done.
        RateLimitedException => !request.IsImpatient && problem.RetryAfter is not null,
        // The server is still doing what the lost request asked for.
        SessionManagerApiException { Code: "idempotency_in_flight" } => attempt > 1,
        // Also where the server gave up on it half way. Queueing for a streamer is another thing (Prefer: wait).
        SessionManagerApiException { Status: HttpStatusCode.ServiceUnavailable } and not NoStreamerAvailableException =>
            request.IsRepeatable && !request.IsImpatient,
        SessionManagerApiException { Status: HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout } => request.IsRepeatable,
        _ => false,
    };

    static TimeSpan Random(TimeSpan below) => below * RandomNumberGenerator.GetInt32(JitterSteps + 1) / JitterSteps;
}
