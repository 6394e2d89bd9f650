using System.Collections.Immutable;

namespace SessionManager.Sessions;

/// <summary>A session as it is stored. Times are UTC in whole milliseconds.</summary>
public sealed record SessionRecord
{
    /// <summary>The shape of this record; a reader of an older shape fills in what is missing.</summary>
    public int Version { get; init; } = 1;

    public string SessionId { get; init; } = "";
    public string AccountId { get; init; } = "";
    public string? KeyId { get; init; }
    public string? BodyDigest { get; init; }

    /// <summary>Which of the attempts to mint under this id it came of.</summary>
    public long Attempt { get; init; }

    /// <summary>The mint was answered for. Written with whatever is written next, so false does not mean it was not.</summary>
    public bool Confirmed { get; init; }

    public string NodeId { get; init; } = "";

    /// <summary>Whether it has a place on <see cref="NodeId"/>; false while its node is lost and no other has room.</summary>
    public bool Placed { get; init; }
    public string Region { get; init; } = "";
    public string Model { get; init; } = "";
    public Capabilities? Capabilities { get; init; }
    public string? NodeSignalingUrl { get; init; }
    public bool NeedsImageToVideo { get; init; }
    public ImmutableDictionary<string, double> RegionLatencies { get; init; } = ImmutableDictionary<string, double>.Empty;

    public SessionState State { get; init; }
    public DropReason? Reason { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset LastActivityAt { get; init; }
    public DateTimeOffset? TokenExpiresAt { get; init; }

    /// <summary>The token's expiry is in the timeline.</summary>
    public bool TokenExpiryNoted { get; init; }

    /// <summary>Of the first connect: from here the longest duration is counted.</summary>
    public DateTimeOffset? ConnectedAt { get; init; }
    public int? MaxStreamSeconds { get; init; }

    /// <summary>The live connection; null while there is none.</summary>
    public string? ConnectionId { get; init; }
    public DateTimeOffset? ConnectionSince { get; init; }

    /// <summary>Connections that have ended, newest last: a late report of one of them must not bring it back.</summary>
    public ImmutableArray<string> EndedConnections { get; init; } = [];

    /// <summary>What all ended connections streamed together.</summary>
    public double StreamedSeconds { get; init; }
    public int RefusedConnects { get; init; }
    public DateTimeOffset? DroppedAt { get; init; }
    public string? BroadcastId { get; init; }

    public int LastSeq { get; init; }

    /// <summary>The part of the timeline that the journal is not known to have.</summary>
    public ImmutableArray<SessionEvent> Outbox { get; init; } = [];
}
