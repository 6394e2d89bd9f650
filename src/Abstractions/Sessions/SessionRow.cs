using System.Collections.Immutable;

namespace SessionManager.Sessions;

/// <summary>
/// A session as it is stored: the one row that says everything about it (docs/decisions, 2). All times are UTC in
/// whole milliseconds.
/// </summary>
public sealed record SessionRow
{
    public required string SessionId { get; init; }

    /// <summary>1 when inserted, one more with each update. An update names the version it was decided on.</summary>
    public long Version { get; init; } = 1;

    /// <summary>Whose slot the session takes.</summary>
    public required string AccountId { get; init; }

    /// <summary>The key that minted it; null for a login.</summary>
    public string? KeyId { get; init; }

    /// <summary>The <c>Idempotency-Key</c> of its mint. Unique within the account; taken off the row after 24 hours.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The digest of the mint's body, where there is an <see cref="IdempotencyKey"/>.</summary>
    public string? BodyDigest { get; init; }

    /// <summary>On which node it takes a place.</summary>
    public required string NodeId { get; init; }
    public required string Region { get; init; }
    public required string Model { get; init; }
    public Capabilities? Capabilities { get; init; }

    /// <summary>The node's own signaling address, which the client was given; null where it was given the built-in gateway's.</summary>
    public string? NodeSignalingUrl { get; init; }

    /// <summary>What the mint asked of its node, for a move to another one.</summary>
    public bool NeedsImageToVideo { get; init; }
    public ImmutableDictionary<string, double> RegionLatencies { get; init; } = ImmutableDictionary<string, double>.Empty;

    public SessionState State { get; init; }
    public DropReason? Reason { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset LastActivityAt { get; init; }
    public DateTimeOffset? TokenExpiresAt { get; init; }

    /// <summary>The token's expiry is in the timeline.</summary>
    public bool TokenExpiryNoted { get; init; }

    /// <summary>Of the first connect: from here the longest duration is counted.</summary>
    public DateTimeOffset? ConnectedAt { get; init; }

    /// <summary>When the stream has lasted as long as it may, by the account's limits as last heard; null: without limit.</summary>
    public DateTimeOffset? StreamEndsAt { get; init; }

    /// <summary>The live connection; null while there is none.</summary>
    public string? ConnectionId { get; init; }
    public DateTimeOffset? ConnectionSince { get; init; }

    /// <summary>The latest connections that have ended, newest last: a late report of one must not bring it back.</summary>
    public ImmutableArray<string> EndedConnections { get; init; } = [];

    /// <summary>What all ended connections streamed together, in milliseconds.</summary>
    public long StreamedMilliseconds { get; init; }
    public int RefusedConnects { get; init; }
    public DateTimeOffset? DroppedAt { get; init; }
    public string? BroadcastId { get; init; }

    /// <summary>The number of its newest event; events count from 1 without gaps.</summary>
    public int LastSeq { get; init; }

    /// <summary>
    /// Until when it takes its slot and its place. null: until it is dropped. At or after this instant neither is taken any more,
    /// although the row lives on until the idle cleanup.
    /// </summary>
    public DateTimeOffset? HoldsUntil { get; init; }

    /// <summary>When something next happens to it by itself; null where nothing does. The sweep looks for those that are past.</summary>
    public DateTimeOffset? NextDeadline { get; init; }
}

/// <summary>What one connection streamed on one day (UTC).</summary>
/// <param name="Milliseconds">How long.</param>
/// <param name="Sessions">1 on the day of the session's first connect, else 0.</param>
public sealed record UsageEntry(DateOnly Day, long Milliseconds, int Sessions);

/// <summary>A new row, or the next version of one, with all that is written in its transaction.</summary>
/// <param name="Row">As it is to be stored; of an update, <see cref="SessionRow.Version"/> is one more than the one decided on.</param>
/// <param name="Events">Appended to the session's timeline.</param>
/// <param name="Usage">Added to the account's days.</param>
public sealed record SessionChange(SessionRow Row, ImmutableArray<SessionEvent> Events, ImmutableArray<UsageEntry> Usage);
