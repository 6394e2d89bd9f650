namespace SessionManager.Client;

/// <summary>One session shown to any number of viewers.</summary>
/// <param name="BroadcastId">Its id.</param>
/// <param name="SessionId">The session that is shown.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="NodeId">The node that sends it.</param>
/// <param name="State"><c>live</c> or <c>ended</c>.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="Viewers">Who is watching now. Who watches by HLS, or by a MediaMTX, is not counted.</param>
/// <param name="MaxViewersSeen">The most at a time so far.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="HlsUrl">Where it can be watched as HLS; <see langword="null"/>: nowhere.</param>
public sealed record Broadcast(
    string BroadcastId,
    string SessionId,
    string AccountId,
    string NodeId,
    string State,
    DateTimeOffset CreatedAt,
    int Viewers,
    int MaxViewersSeen,
    DateTimeOffset? EndedAt = null,
    string? HlsUrl = null);

/// <summary>Which broadcasts are listed.</summary>
public sealed record BroadcastListOptions : PageOptions
{
    /// <summary><c>live</c> or <c>ended</c>; <see langword="null"/>: both.</summary>
    public string? State { get; init; }
}
