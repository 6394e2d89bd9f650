using SessionManager.Lists;

namespace SessionManager.Broadcasts;

/// <summary>A broadcast as it is stored. It belongs to one session and ends with it, whether or not anyone has written that here.</summary>
public sealed record BroadcastRow
{
    public required string BroadcastId { get; init; }
    public required string SessionId { get; init; }

    /// <summary>The session's account.</summary>
    public required string AccountId { get; init; }

    /// <summary>The session's node: a session that is connected moves to no other.</summary>
    public required string NodeId { get; init; }

    /// <summary>Where it can be watched as HLS; null: nowhere.</summary>
    public string? HlsUrl { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was ended, or its session was; null: it is live.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The most viewers it has had at a time.</summary>
    public int MostViewers { get; init; }
}

/// <summary>Which broadcasts a list shows; what is null is not asked for.</summary>
public sealed record BroadcastFilter(string? AccountId = null, bool? Live = null);

/// <summary>Rows of broadcasts. They are deleted with their session's.</summary>
public interface IBroadcastStore
{
    /// <summary>Adds it, where there is none of its id yet.</summary>
    Task Insert(BroadcastRow row);

    /// <summary>null where there is none.</summary>
    Task<BroadcastRow?> Find(string broadcastId, CancellationToken cancellation = default);

    /// <summary>Newest first.</summary>
    /// <param name="cursor">From the page before; null for the first.</param>
    /// <param name="limit">1 to 200.</param>
    /// <exception cref="FormatException">The cursor is not one of ours.</exception>
    Task<Page<BroadcastRow>> List(BroadcastFilter filter, string? cursor, int limit, CancellationToken cancellation);

    /// <summary>It can be watched as HLS at this address from now on.</summary>
    Task SetHlsUrl(string broadcastId, string hlsUrl);

    /// <summary>It is over. The first end counts.</summary>
    Task End(string broadcastId, DateTimeOffset at);

    /// <summary>It has had that many viewers at a time; fewer than before change nothing.</summary>
    Task NoteViewers(string broadcastId, int viewers);
}
