namespace SessionManager.Client;

/// <summary>The account may not do this now, though the credential is good: one of its limits is reached, or it is suspended.</summary>
public abstract class UsageException : SessionManagerApiException
{
    internal UsageException(Refusal refusal)
        : base(refusal)
    {
        Action = refusal.Body?.Action;
        ActionUrl = refusal.Body?.ActionUrl;
    }

    /// <summary>What can be done about it, in a sentence for people.</summary>
    public string? Action { get; }

    /// <summary>Where it can be done; <see langword="null"/>: nowhere in particular.</summary>
    public string? ActionUrl { get; }
}

/// <summary>The account has as many sessions open as it may (<c>CONCURRENT_LIMIT_REACHED</c>).</summary>
public sealed class ConcurrentLimitReachedException : UsageException
{
    internal ConcurrentLimitReachedException(Refusal refusal)
        : base(refusal)
    {
        ActiveCount = refusal.Details.ActiveCount ?? 0;
        Limit = refusal.Details.Limit ?? 0;
    }

    /// <summary>Sessions that hold a slot.</summary>
    public int ActiveCount { get; }

    /// <summary>How many may.</summary>
    public int Limit { get; }
}

/// <summary>The account has used up its streaming hours of this month (<c>MONTHLY_LIMIT_REACHED</c>).</summary>
public sealed class MonthlyLimitReachedException : UsageException
{
    internal MonthlyLimitReachedException(Refusal refusal)
        : base(refusal)
    {
        UsedHours = refusal.Details.UsedHours ?? 0;
        LimitHours = refusal.Details.LimitHours ?? 0;
        ResetDate = refusal.Details.ResetDate;
    }

    /// <summary>Hours streamed this month (UTC).</summary>
    public double UsedHours { get; }

    /// <summary>Hours allowed a month.</summary>
    public double LimitHours { get; }

    /// <summary>When the next month begins.</summary>
    public DateTimeOffset? ResetDate { get; }
}

/// <summary>An administrator has suspended the account (<c>ACCOUNT_SUSPENDED</c> from a mint, <c>account_suspended</c> from all else).</summary>
public sealed class AccountSuspendedException : UsageException
{
    internal AccountSuspendedException(Refusal refusal)
        : base(refusal) => Reason = refusal.Details.Reason ?? refusal.Body?.Detail;

    /// <summary>Why; <see langword="null"/>: not said.</summary>
    public string? Reason { get; }
}

/// <summary>
/// Too many requests (<c>RATE_LIMITED</c>). The client has waited and asked again by itself as often as it may
/// (<see cref="SessionManagerClientOptions.MaxRetries"/>).
/// </summary>
public sealed class RateLimitedException : UsageException
{
    internal RateLimitedException(Refusal refusal)
        : base(refusal) => RetryAfter ??= refusal.Details.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}

/// <summary>The stream has lasted as long as the account's streams may (<c>STREAM_DURATION_EXCEEDED</c>).</summary>
public sealed class StreamDurationExceededException : UsageException
{
    internal StreamDurationExceededException(Refusal refusal)
        : base(refusal) => MaxDuration = TimeSpan.FromSeconds(refusal.Details.MaxDurationSeconds ?? 0);

    /// <summary>How long a stream may last.</summary>
    public TimeSpan MaxDuration { get; }
}
