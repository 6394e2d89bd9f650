using System.Collections.Immutable;
using SessionManager.Sessions;

namespace SessionManager.Storage.Migration;

/// <summary>Makes a session's row of what the earlier version knew of it.</summary>
static class OldSessionRow
{
    /// <param name="lease">What its account said that it holds; null: nothing.</param>
    public static SessionRow Of(OldSession old, OldLease? lease, SessionOptions options, DateTimeOffset now) => new()
    {
        SessionId = old.SessionId,
        AccountId = old.AccountId,
        KeyId = old.KeyId,
        // The key itself was not kept: the session's id was derived from it (MigratedKeys finds it again).
        IdempotencyKey = HasKey(old, now) ? old.SessionId : null,
        BodyDigest = HasKey(old, now) ? old.BodyDigest : null,
        NodeId = old.NodeId,
        Region = old.Region,
        Model = old.Model,
        Capabilities = old.Capabilities,
        NodeSignalingUrl = old.NodeSignalingUrl,
        NeedsImageToVideo = old.NeedsImageToVideo,
        RegionLatencies = old.RegionLatencies ?? ImmutableDictionary<string, double>.Empty,
        State = old.State,
        Reason = old.Reason,
        CreatedAt = old.CreatedAt,
        LastActivityAt = old.LastActivityAt,
        TokenExpiresAt = old.TokenExpiresAt,
        TokenExpiryNoted = old.TokenExpiryNoted,
        ConnectedAt = old.ConnectedAt,
        StreamEndsAt = StreamEndsAt(old),
        ConnectionId = old.ConnectionId,
        ConnectionSince = old.ConnectionSince,
        EndedConnections = old.EndedConnections ?? [],
        StreamedMilliseconds = (long)Math.Round(old.StreamedSeconds * 1000),
        RefusedConnects = old.RefusedConnects,
        DroppedAt = old.DroppedAt,
        BroadcastId = old.BroadcastId,
        LastSeq = old.LastSeq,
        HoldsUntil = HoldsUntil(old, lease, options),
        NextDeadline = NextDeadline(old, options),
    };

    static bool HasKey(OldSession old, DateTimeOffset now) => old.BodyDigest is not null && now - old.CreatedAt < IdempotencyKeys.Life;

    static DateTimeOffset? StreamEndsAt(OldSession old) => old.MaxStreamSeconds is { } seconds ? old.ConnectedAt?.AddSeconds(seconds) : null;

    /// <summary>
    /// The account's word counts: a session without a lease had lost its slot, or its mint was never answered for. One that
    /// streams holds its slot all the same.
    /// </summary>
    static DateTimeOffset? HoldsUntil(OldSession old, OldLease? lease, SessionOptions options) => old.State switch
    {
        SessionState.Provisioned when lease is null => old.CreatedAt,
        SessionState.Provisioned when lease.SlotUntil is { } until => DateTimeOffset.FromUnixTimeMilliseconds(until),
        SessionState.Provisioned => old.TokenExpiresAt ?? old.LastActivityAt.AddSeconds(options.IdleSeconds),
        // Its connection is lost: it drops when its token expires.
        SessionState.Connected => old.ConnectionId is null ? old.TokenExpiresAt : null,
        _ => old.DroppedAt,
    };

    static DateTimeOffset? NextDeadline(OldSession old, SessionOptions options)
    {
        var expiry = old.TokenExpiryNoted ? null : old.TokenExpiresAt;
        var own = old.State switch
        {
            SessionState.Provisioned => old.LastActivityAt.AddSeconds(options.IdleSeconds),
            SessionState.Connected => StreamEndsAt(old),
            _ => expiry = null,
        };
        return expiry is null || own < expiry ? own : expiry;
    }
}
