using SessionManager.Errors;

namespace SessionManager.Accounts;

/// <summary>
/// Token buckets: one for the account and one for each of its keys, each as deep as a minute's requests and refilled evenly.
/// In memory only: a restart forgives. Ours, because the framework's limiters keep real time, and this one must keep the grain's
/// (which a simulation moves) and tell callers what is left.
/// </summary>
/// <param name="keyRequestsPerMinute">null: a key may use up all that the account has.</param>
public sealed class RateLimiter(int requestsPerMinute, int? keyRequestsPerMinute = null)
{
    /// <summary>Keys remembered at most. They are few; the bound is against a list that only grows.</summary>
    const int MaxKeys = 1_000;

    readonly Dictionary<string, Bucket> _keys = [];
    Bucket? _account;

    /// <summary>Counts a request. Refused with <c>RATE_LIMITED</c>, and then it is not counted.</summary>
    public Result<RateState> Count(string? keyId, DateTimeOffset now)
    {
        var account = Account(now);
        Bucket? key = keyId is null || keyRequestsPerMinute is not { } perKey ? null : Key(keyId, perKey, now);
        var tighter = key is { } own && own.Tokens < account.Tokens ? own : account;
        if (tighter.Tokens < 1)
        {
            var wait = tighter.SecondsToNext;
            return new Refusal(
                ErrorCatalogue.RateLimited, RetryAfterSeconds: wait, Details: new UsageDetails { RetryAfterSeconds = wait });
        }

        _account = account.Take();
        if (key is { } used)
            _keys[keyId!] = used.Take();
        return tighter.Take().State;
    }

    /// <summary>How the account stands, without counting.</summary>
    public RateState Peek(DateTimeOffset now) => Account(now).State;

    Bucket Account(DateTimeOffset now) => (_account ?? Bucket.Full(requestsPerMinute, now)).At(now);

    Bucket Key(string keyId, int perMinute, DateTimeOffset now)
    {
        if (_keys.TryGetValue(keyId, out var bucket))
            return bucket.At(now);
        if (_keys.Count >= MaxKeys)
            _keys.Clear();
        return Bucket.Full(perMinute, now);
    }

    readonly record struct Bucket(int PerMinute, double Tokens, DateTimeOffset FilledAt)
    {
        public static Bucket Full(int perMinute, DateTimeOffset now) => new(perMinute, perMinute, now);

        public RateState State => new(PerMinute, (int)Math.Floor(Tokens), (int)Math.Ceiling((PerMinute - Tokens) * 60 / PerMinute));

        public int SecondsToNext => Math.Max(1, (int)Math.Ceiling((1 - Tokens) * 60 / PerMinute));

        public Bucket Take() => this with { Tokens = Tokens - 1 };

        /// <summary>A clock that steps back must not take tokens away.</summary>
        public Bucket At(DateTimeOffset now) => this with
        {
            Tokens = Math.Min(PerMinute, Tokens + Math.Max(0, (now - FilledAt).TotalMinutes) * PerMinute),
            FilledAt = now,
        };
    }
}
