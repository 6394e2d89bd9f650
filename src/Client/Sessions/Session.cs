namespace SessionManager.Client;

/// <summary>A streaming session.</summary>
/// <param name="SessionId">Its id.</param>
/// <param name="State">One of <see cref="SessionStates"/>.</param>
/// <param name="Reason">Why it was dropped, as <c>client_disconnected</c> or <c>idle</c>; <see langword="null"/> where it was not.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="NodeId">The node that has a place for it.</param>
/// <param name="Region">Where that is.</param>
/// <param name="Model">What that streams.</param>
/// <param name="CreatedAt">When it was minted.</param>
/// <param name="TokenExpiresAt">Until when its client can connect; <see langword="null"/>: no token was asked for yet.</param>
/// <param name="TokenExpired">Whether that is past.</param>
/// <param name="ConnectedAt">When its client connected first.</param>
/// <param name="DroppedAt">When it ended.</param>
/// <param name="LastActivityAt">When it was last heard of.</param>
/// <param name="Capabilities">What its streamer can do besides.</param>
/// <param name="BroadcastId">The broadcast it feeds, if any.</param>
/// <param name="Events">What has happened to it; only where one session was asked for.</param>
public sealed record Session(
    string SessionId,
    string State,
    string? Reason,
    string AccountId,
    string NodeId,
    string Region,
    string Model,
    DateTimeOffset CreatedAt,
    DateTimeOffset? TokenExpiresAt,
    bool TokenExpired,
    DateTimeOffset? ConnectedAt,
    DateTimeOffset? DroppedAt,
    DateTimeOffset LastActivityAt,
    Capabilities? Capabilities = null,
    string? BroadcastId = null,
    IReadOnlyList<SessionEvent>? Events = null);

/// <summary>Something that has happened to a session.</summary>
/// <param name="Seq">From 1 without gaps.</param>
/// <param name="At">When.</param>
/// <param name="Type">As <c>minted</c> or <c>connected</c>.</param>
/// <param name="Detail">What is particular to this one.</param>
public sealed record SessionEvent(int Seq, DateTimeOffset At, string Type, string? Detail = null);

/// <summary>The states a session goes through, in this order; nothing else is ever reported.</summary>
public static class SessionStates
{
    /// <summary>Minted, and nobody has connected yet.</summary>
    public const string Provisioned = "provisioned";

    /// <summary>Its client is connected, or was and may come back.</summary>
    public const string Connected = "connected";

    /// <summary>Over for good.</summary>
    public const string Dropped = "dropped";
}

/// <summary>In which order sessions are listed, and by which of their times they are narrowed.</summary>
public static class SessionSorts
{
    /// <summary>Those minted last come first; so it is where nothing else is said.</summary>
    public const string NewestFirst = "-created_at";

    /// <summary>Those minted first come first.</summary>
    public const string OldestFirst = "created_at";

    /// <summary>Those dropped last come first, and no others.</summary>
    public const string LastDroppedFirst = "-dropped_at";
}

/// <summary>Which sessions are listed.</summary>
public record SessionListOptions : PageOptions
{
    /// <summary>One of <see cref="SessionStates"/>; <see langword="null"/>: all.</summary>
    public string? State { get; init; }

    /// <summary>Only those that this node has, or had, a place for.</summary>
    public string? NodeId { get; init; }

    /// <summary>Only those of this region.</summary>
    public string? Region { get; init; }

    /// <summary>Only those dropped for this reason, as <c>idle</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>One of <see cref="SessionSorts"/>; <see langword="null"/>: newest first.</summary>
    public string? Sort { get; init; }

    /// <summary>Only those minted from then on, or dropped from then on where they are sorted by that.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only those minted before then, or dropped before then where they are sorted by that.</summary>
    public DateTimeOffset? Until { get; init; }

    internal (string Name, object? Value)[] Query() =>
    [
        ("state", State), ("node_id", NodeId), ("region", Region), ("reason", Reason), ("sort", Sort), ("since", Since), ("until", Until),
        ("limit", Limit), ("cursor", Cursor),
    ];
}
