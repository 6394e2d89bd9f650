namespace SessionManager.Client;

/// <summary>What the account has used. With the scope <c>usage:read</c>, or a login.</summary>
public sealed class UsageClient
{
    readonly Connection _connection;

    internal UsageClient(Connection connection) => _connection = connection;

    /// <summary>What the account has used this month.</summary>
    public Task<Usage> GetAsync(CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Get("api/usage"), ClientJson.Default.Usage, cancellationToken);
}

/// <summary>What an account has used of its month (UTC), and day by day.</summary>
/// <param name="PeriodStart">When the month began.</param>
/// <param name="ResetDate">When the next begins.</param>
/// <param name="UsedHours">Hours streamed.</param>
/// <param name="LimitHours">Hours allowed; <see langword="null"/>: no limit.</param>
/// <param name="ActiveCount">Sessions that hold a slot now.</param>
/// <param name="Limit">Sessions that may.</param>
/// <param name="Days">Days with streaming only, oldest first.</param>
public sealed record Usage(
    DateTimeOffset PeriodStart,
    DateTimeOffset ResetDate,
    double UsedHours,
    double? LimitHours,
    int ActiveCount,
    int Limit,
    IReadOnlyList<UsageDay> Days);

/// <summary>What was streamed on one day (UTC).</summary>
/// <param name="Day">The day.</param>
/// <param name="Seconds">How long, of all sessions together.</param>
/// <param name="Sessions">How many sessions.</param>
public sealed record UsageDay(DateOnly Day, double Seconds, int Sessions);
