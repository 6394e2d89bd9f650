using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>What the oracle knows of an account: what was asked for, answered, and streamed.</summary>
sealed class AccountModel(string id, Plan plan)
{
    public string Id { get; } = id;
    public Uncertain<int> Limit { get; } = new(plan.Accounts.MaxConcurrent);
    public Uncertain<int?> MaxStreamSeconds { get; } = new(plan.Accounts.MaxStreamSeconds);

    /// <summary>Every limit there ever was for a stream.</summary>
    public List<StreamLimit> StreamLimits { get; } = plan.Accounts.MaxStreamSeconds is { } seconds ? [new StreamLimit(seconds)] : [];
    public double? MonthlyHours { get; } = plan.Accounts.MonthlyHours;
    public Uncertain<bool> Suspended { get; } = new(false);

    /// <summary>Sessions answered for that are not known to have ended.</summary>
    public SortedDictionary<string, SessionModel> Live { get; } = new(StringComparer.Ordinal);

    /// <summary>Sessions that have ended, in that order, whether answered for or not.</summary>
    public List<SessionModel> Ended { get; } = [];

    /// <summary>By key: the stamp at which its revocation was asked for, and answered.</summary>
    public Dictionary<string, (long Asked, long Answered)> Revoked { get; } = [];

    /// <summary>The key its users mint with now.</summary>
    public string Key { get; set; } = "key_0";

    /// <summary>By Idempotency-Key: the session that it was first answered with, and when that was minted.</summary>
    public Dictionary<string, (string SessionId, DateTimeOffset CreatedAt)> Idempotent { get; } = [];

    /// <summary>Mints asked for and not answered yet; those that ended, with the stamp they ended at.</summary>
    public List<(long From, long To)> Mints { get; } = [];

    /// <summary>Callers in the queue, likewise: who leaves it may be given a place all the same.</summary>
    public List<(long From, long To)> Waits { get; } = [];

    /// <summary>By day (UTC): what its ended connections streamed, in milliseconds.</summary>
    public SortedDictionary<DateOnly, long> Streamed { get; } = [];

    /// <summary>By day (UTC): how many of its sessions were first connected.</summary>
    public SortedDictionary<DateOnly, int> Connected { get; } = [];

    /// <summary>Since when the month's hours have been used up.</summary>
    public TimeSpan? UsedUpSince { get; set; }
}

/// <summary>How long a stream may last, from when it was asked for: seconds, and by the wall clock.</summary>
sealed class StreamLimit(int seconds)
{
    public DateTimeOffset AskedAt { get; init; } = DateTimeOffset.MinValue;

    /// <summary>When it was answered, and so holds for every stream.</summary>
    public DateTimeOffset AnsweredAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>When another was answered that holds instead.</summary>
    public DateTimeOffset ReplacedAt { get; set; } = DateTimeOffset.MaxValue;

    /// <summary>
    /// Whether it may have ended the stream at that instant: at the one it is for, if it was given before that, and else, as it counts
    /// from then on, when it had been given.
    /// </summary>
    /// <param name="slack">How far two readings of the wall clock may be out of order.</param>
    public bool EndsAt(SessionRow row, DateTimeOffset at, TimeSpan slack)
    {
        var due = row.ConnectedAt!.Value.AddSeconds(seconds);
        if (at < due || at > ReplacedAt.Add(ReplacedAt == DateTimeOffset.MaxValue ? TimeSpan.Zero : slack))
            return false;
        // One that was raised counts also where the old end has passed and nobody has noticed yet.
        return at == due ? AskedAt <= due + slack || row.StreamEndsAt < due : at == row.StreamEndsAt || (at + slack >= AskedAt && AnsweredAt >= due - slack);
    }
}
