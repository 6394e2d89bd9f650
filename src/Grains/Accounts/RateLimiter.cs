using SessionManager.Errors;

namespace SessionManager.Accounts;

/// <summary>
/// Token buckets: one for the account and one for each of its keys, each as deep as a minute's requests and refilled evenly.
/// In memory only: a restart forgives.
/// </summary>
public sealed class RateLimiter(int requestsPerMinute)
{
    /// <summary>Buckets kept at most. Keys are few; the bound is against a list that only grows.</summary>
    const int MaxBuckets = 1_000;
    const string Everyone = "";

    readonly Dictionary<string, Bucket> _buckets = [];

    /// <summary>Counts a request. Refused with <c>RATE_LIMITED</c>, and then it is not counted.</summary>
    public Result<RateState> Count(string? keyId, DateTimeOffset now)
    {
        var account = At(Everyone, now);
        var key = keyId is null ? account : At(keyId, now);
        var tighter = key.Tokens < account.Tokens ? key : account;
        if (tighter.Tokens < 1)
        {
            var wait = Math.Max(1, (int)Math.Ceiling((1 - tighter.Tokens) * 60 / requestsPerMinute));
            return new Refusal(
                ErrorCatalogue.RateLimited, RetryAfterSeconds: wait, Details: new UsageDetails { RetryAfterSeconds = wait });
        }

        _buckets[Everyone] = account with { Tokens = account.Tokens - 1 };
        if (keyId is not null)
            _buckets[keyId] = key with { Tokens = key.Tokens - 1 };
        return State(tighter.Tokens - 1);
    }

    /// <summary>How it stands, without counting.</summary>
    public RateState Peek(DateTimeOffset now) => State(At(Everyone, now).Tokens);

    RateState State(double tokens) => new(
        requestsPerMinute, (int)Math.Floor(tokens), (int)Math.Ceiling((requestsPerMinute - tokens) * 60 / requestsPerMinute));

    Bucket At(string name, DateTimeOffset now)
    {
        if (!_buckets.TryGetValue(name, out var bucket))
        {
            if (_buckets.Count >= MaxBuckets)
                _buckets.Clear();
            return new Bucket(requestsPerMinute, now);
        }

        // A clock that steps back must not take tokens away.
        var minutes = Math.Max(0, (now - bucket.At).TotalMinutes);
        return new Bucket(Math.Min(requestsPerMinute, bucket.Tokens + minutes * requestsPerMinute), now);
    }

    readonly record struct Bucket(double Tokens, DateTimeOffset At);
}
