using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using SessionManager.Errors;

namespace SessionManager.Broadcasts;

/// <summary>
/// One broadcast, by its id: who is watching it now, which is kept in memory only. After a crash its node's next heartbeat says who
/// is there. Every command is idempotent.
/// </summary>
[Alias("SessionManager.IBroadcastGrain")]
public interface IBroadcastGrain : IGrainWithStringKey
{
    /// <summary>
    /// Takes the viewer in, and ends it when its token does. Refused with <c>broadcast_not_found</c> (there is none, or it is over) or
    /// <c>viewer_limit</c>.
    /// </summary>
    Task<Result<ViewerPlace>> Join(Viewer viewer);

    /// <summary>The viewer is gone. False: there was none of that id.</summary>
    Task<bool> Leave(string viewerId);

    /// <summary>Where the viewer's stream comes from; null where there is no such viewer.</summary>
    [ReadOnly]
    Task<ViewerPlace?> Find(string viewerId);

    /// <summary>Every viewer that the node serves now. Who is not among them for <see cref="Patience"/> is gone.</summary>
    /// <param name="nodeId">One that is not the broadcast's says nothing here.</param>
    Task Report(string nodeId, ImmutableArray<string> viewerIds);

    /// <summary>The node says that the viewer's connection has ended.</summary>
    Task Gone(string nodeId, string viewerId);

    [ReadOnly]
    Task<ViewerCount> Count();

    /// <summary>Ends it for all viewers: its owner said so, or its session is over.</summary>
    Task End();

    /// <summary>Of a viewer that the node leaves out.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
}

/// <param name="TokenId">Of the spectator token it came with.</param>
/// <param name="ExpiresAt">When that token expires.</param>
/// <param name="Limit">How many may watch with that token at a time; null: any number.</param>
[GenerateSerializer, Immutable, Alias("viewer")]
public sealed record Viewer(
    [property: Id(0)] string ViewerId, [property: Id(1)] string TokenId, [property: Id(2)] DateTimeOffset ExpiresAt, [property: Id(3)] int? Limit);

/// <summary>Where a viewer's stream comes from.</summary>
[GenerateSerializer, Immutable, Alias("viewer-place")]
public sealed record ViewerPlace([property: Id(0)] string NodeId, [property: Id(1)] string SessionId);

/// <param name="Most">The most at a time so far.</param>
[GenerateSerializer, Immutable, Alias("viewer-count")]
public readonly record struct ViewerCount([property: Id(0)] int Now, [property: Id(1)] int Most);

/// <summary>Why the server ends a viewer, as its node hears it.</summary>
public static class ViewerEnd
{
    /// <summary>The viewer said so.</summary>
    public const string Deleted = "deleted";

    /// <summary>Its token has expired.</summary>
    public const string Expired = "expired";

    /// <summary>The broadcast is over.</summary>
    public const string Ended = "ended";

    /// <summary>Its offer was not answered in time, or nobody waited for the answer any more.</summary>
    public const string Timeout = "timeout";
}
