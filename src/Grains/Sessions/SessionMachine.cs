using System.Collections.Immutable;
using SessionManager.Errors;
using SessionManager.Options;

namespace SessionManager.Sessions;

/// <summary>
/// What a session does on every event, as pure functions of (record, event, now): no I/O, no clock. The grain calls
/// <see cref="KeepDeadlines"/> before any of them, so none has to ask whether a deadline has passed unnoticed.
/// </summary>
public static class SessionMachine
{
    /// <summary>How many ended connections are remembered.</summary>
    public const int MaxEndedConnections = 16;

    /// <summary>How many refused connects the timeline tells; more are only activity.</summary>
    public const int MaxRefusalsTold = 20;

    /// <summary>A grant older than this is not taken: its mint has been given up by then.</summary>
    public static readonly TimeSpan GrantLife = TimeSpan.FromSeconds(10);

    /// <summary>For how long a repeat of an idempotent mint gets the first answer (WIRE, "Idempotency-Key").</summary>
    public static readonly TimeSpan IdempotencyLife = TimeSpan.FromHours(24);

    public static SessionRecord Mint(string sessionId, SessionGrant grant, SessionOptions options)
    {
        var record = new SessionRecord
        {
            SessionId = sessionId,
            AccountId = grant.AccountId,
            KeyId = grant.KeyId,
            BodyDigest = grant.BodyDigest,
            Attempt = grant.Attempt,
            NodeId = grant.NodeId,
            Placed = true,
            Region = grant.Region,
            Model = grant.Model,
            Capabilities = grant.Capabilities,
            NodeSignalingUrl = grant.NodeSignalingUrl,
            NeedsImageToVideo = grant.NeedsImageToVideo,
            RegionLatencies = grant.RegionLatencies,
            State = SessionState.Provisioned,
            CreatedAt = grant.At,
            LastActivityAt = grant.At,
        }.Told(grant.At, "minted", nodeId: grant.NodeId);
        return grant.WithToken ? IssueToken(record, grant.At, options) : record;
    }

    /// <summary>Until when a session minted now holds its slot if nothing more is heard of it.</summary>
    public static DateTimeOffset SlotAtMint(SessionGrant grant, SessionOptions options) =>
        grant.At.AddSeconds(grant.WithToken ? options.TokenSeconds : options.IdleSeconds);

    /// <summary>Starts the token's life; a token that lives, or lived, is not given another.</summary>
    public static SessionRecord IssueToken(SessionRecord record, DateTimeOffset now, SessionOptions options) =>
        record.TokenExpiresAt is not null
            ? record
            : (record with { TokenExpiresAt = now.AddSeconds(options.TokenSeconds), LastActivityAt = now }).Told(now, "token_issued");

    /// <summary>The connection was let in, whether or not it has ended since.</summary>
    public static bool Knows(SessionRecord record, string connectionId) =>
        record.ConnectionId == connectionId || record.EndedConnections.Contains(connectionId);

    /// <summary>What a report of a new connection comes to.</summary>
    public static ConnectVerdict JudgeConnect(SessionRecord record, string nodeId, string connectionId, DateTimeOffset now)
    {
        // A session that moved away is not this node's any more: to it, it does not exist.
        if (record.NodeId != nodeId)
            return ConnectVerdict.Refuse(ErrorCatalogue.SessionNotFound, isActivity: false);
        if (record.State == SessionState.Dropped)
            return ConnectVerdict.Refuse(ErrorCatalogue.SessionDropped, isActivity: false);
        if (Knows(record, connectionId))
            return ConnectVerdict.Repeated;
        if (record.ConnectionId is not null)
            return ConnectVerdict.Refuse(ErrorCatalogue.AlreadyConnected, isActivity: true);
        // Nobody can hold a token that was never issued: no client is trying, and the slot's end must not be put off by it.
        if (record.TokenExpiresAt is not { } expiry)
            return ConnectVerdict.Refuse(ErrorCatalogue.SessionExpired, isActivity: false);
        if (now >= expiry)
            return ConnectVerdict.Refuse(ErrorCatalogue.SessionExpired, isActivity: true);
        return ConnectVerdict.Accepted;
    }

    /// <param name="maxStreamSeconds">The account's limit at this moment; the first connect's counts.</param>
    public static SessionRecord Connect(SessionRecord record, string connectionId, int? maxStreamSeconds, DateTimeOffset now) =>
        (record with
        {
            State = SessionState.Connected,
            ConnectedAt = record.ConnectedAt ?? now,
            MaxStreamSeconds = record.ConnectedAt is null ? maxStreamSeconds : record.MaxStreamSeconds,
            ConnectionId = connectionId,
            ConnectionSince = now,
            LastActivityAt = now,
        }).Told(now, "connected", nodeId: record.NodeId, connectionId: connectionId);

    public static SessionRecord RefuseConnect(SessionRecord record, string code, DateTimeOffset now)
    {
        var heard = record with { LastActivityAt = now, RefusedConnects = record.RefusedConnects + 1 };
        return record.RefusedConnects < MaxRefusalsTold ? heard.Told(now, "connect_refused", detail: code) : heard;
    }

    /// <summary>The connection has ended. A stale id, or a session without a connection, changes nothing.</summary>
    public static SessionRecord Disconnect(SessionRecord record, string connectionId, bool clean, DateTimeOffset now)
    {
        if (record.State != SessionState.Connected || record.ConnectionId != connectionId)
            return record;
        if (clean)
            return Drop(record, DropReason.ClientDisconnected, now);
        if (now >= record.TokenExpiresAt)
            return Drop(record, DropReason.ConnectionLost, now);
        var (ended, seconds) = EndConnection(record, now);
        return (ended with { LastActivityAt = now }).Told(now, "connection_lost", connectionId: connectionId, streamed: seconds);
    }

    public static SessionRecord Drop(SessionRecord record, DropReason reason, DateTimeOffset now)
    {
        if (record.State == SessionState.Dropped)
            return record;
        var (ended, seconds) = EndConnection(record, now);
        return (ended with { State = SessionState.Dropped, Reason = reason, DroppedAt = now, Placed = false })
            .Told(now, "dropped", connectionId: record.ConnectionId, detail: DropReasons.Name(reason), streamed: seconds);
    }

    public static SessionRecord Move(SessionRecord record, Nodes.Node node, DateTimeOffset now) =>
        (record with
        {
            NodeId = node.NodeId,
            Placed = true,
            Region = node.Region,
            Model = node.Model,
            Capabilities = node.Capabilities,
            NodeSignalingUrl = node.SignalingUrl,
        }).Told(now, "moved", nodeId: node.NodeId);

    /// <summary>Does what every deadline that has passed demands, at the instant it was for and not at the one it was noticed.</summary>
    public static SessionRecord KeepDeadlines(SessionRecord record, DateTimeOffset now, SessionOptions options)
    {
        while (NextDeadline(record, options) is { } deadline && deadline <= now)
            record = Keep(record, deadline, options);
        return record;
    }

    /// <summary>When something happens by itself; null once it is dropped, or while it streams without limit.</summary>
    public static DateTimeOffset? NextDeadline(SessionRecord record, SessionOptions options)
    {
        var expiry = record.TokenExpiryNoted ? null : record.TokenExpiresAt;
        return record.State switch
        {
            SessionState.Provisioned => Earlier(expiry, record.LastActivityAt.AddSeconds(options.IdleSeconds)),
            SessionState.Connected => Earlier(expiry, DurationLimit(record)),
            _ => null,
        };
    }

    /// <summary>What the session holds and when it is to be asked again; null once it is dropped.</summary>
    public static SessionHold? Hold(SessionRecord record, SessionOptions options) => record.State switch
    {
        SessionState.Provisioned => new SessionHold(
            record.TokenExpiresAt ?? record.LastActivityAt.AddSeconds(options.IdleSeconds),
            record.Placed ? NextDeadline(record, options) : null),
        SessionState.Connected => new SessionHold(null, null),
        _ => null,
    };

    /// <summary>Whether it needs a place on a node now.</summary>
    public static bool NeedsPlace(SessionRecord record, DateTimeOffset now) => record.State switch
    {
        SessionState.Provisioned => record.TokenExpiresAt is null || now < record.TokenExpiresAt,
        SessionState.Connected => true,
        _ => false,
    };

    /// <summary>Whether a dropped session can still be read.</summary>
    public static bool IsReadable(SessionRecord record, DateTimeOffset now, SessionOptions options) =>
        record.DroppedAt is not { } droppedAt || now - droppedAt < TimeSpan.FromSeconds(options.RetentionSeconds);

    /// <summary>
    /// Whether nothing needs the record any more. What an idempotent mint left stays while its id could still be derived again:
    /// today's and yesterday's are.
    /// </summary>
    public static bool IsPurgeable(SessionRecord record, DateTimeOffset now, SessionOptions options) =>
        record.State == SessionState.Dropped
        && !IsReadable(record, now, options)
        && (record.BodyDigest is null || now - record.CreatedAt >= 2 * IdempotencyLife);

    public static Session View(SessionRecord record, DateTimeOffset now) => new()
    {
        SessionId = record.SessionId,
        State = record.State,
        Reason = record.Reason,
        AccountId = record.AccountId,
        NodeId = record.NodeId,
        Region = record.Region,
        Model = record.Model,
        Capabilities = record.Capabilities,
        CreatedAt = record.CreatedAt,
        TokenExpiresAt = record.TokenExpiresAt,
        TokenExpired = now >= record.TokenExpiresAt,
        ConnectedAt = record.ConnectedAt,
        DroppedAt = record.DroppedAt,
        LastActivityAt = record.LastActivityAt,
        BroadcastId = record.BroadcastId,
        NodeSignalingUrl = record.NodeSignalingUrl,
    };

    /// <summary>Forgets what the journal has.</summary>
    public static SessionRecord Journaled(SessionRecord record, int upToSeq) =>
        record with { Outbox = record.Outbox.RemoveAll(told => told.Seq <= upToSeq) };

    static SessionRecord Keep(SessionRecord record, DateTimeOffset deadline, SessionOptions options)
    {
        if (record.State == SessionState.Connected && deadline == DurationLimit(record))
            return Drop(record, DropReason.DurationLimit, deadline);
        if (!record.TokenExpiryNoted && deadline == record.TokenExpiresAt)
        {
            var noted = (record with { TokenExpiryNoted = true }).Told(deadline, "token_expired");
            return record.State == SessionState.Connected && record.ConnectionId is null
                ? Drop(noted, DropReason.ConnectionLost, deadline)
                : noted;
        }

        return Drop(record, DropReason.Idle, deadline);
    }

    static (SessionRecord Record, double? Seconds) EndConnection(SessionRecord record, DateTimeOffset now)
    {
        if (record.ConnectionId is null || record.ConnectionSince is not { } since)
            return (record, null);
        var seconds = Math.Max(0, (now - since).TotalSeconds);
        var ended = record.EndedConnections.Add(record.ConnectionId);
        return (record with
        {
            ConnectionId = null,
            ConnectionSince = null,
            StreamedSeconds = record.StreamedSeconds + seconds,
            EndedConnections = ended.Length > MaxEndedConnections ? ended.RemoveAt(0) : ended,
        }, seconds);
    }

    static DateTimeOffset? DurationLimit(SessionRecord record) =>
        record.MaxStreamSeconds is { } seconds ? record.ConnectedAt?.AddSeconds(seconds) : null;

    static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null ? other : other is null || one < other ? one : other;

    static SessionRecord Told(
        this SessionRecord record, DateTimeOffset at, string type,
        string? nodeId = null, string? connectionId = null, string? detail = null, double? streamed = null) =>
        record with
        {
            LastSeq = record.LastSeq + 1,
            Outbox = record.Outbox.Add(new SessionEvent(record.LastSeq + 1, at, type, nodeId, connectionId, detail, streamed)),
        };
}

/// <summary>What a report of a new connection comes to: accepted, a repeat of one already taken, or refused.</summary>
/// <param name="IsActivity">A refusal that shows the client is still trying: the idle cleanup waits for it.</param>
public readonly record struct ConnectVerdict(bool Accept, string? Refusal, bool IsActivity)
{
    public static readonly ConnectVerdict Accepted = new(true, null, true);
    public static readonly ConnectVerdict Repeated = new(false, null, false);

    public static ConnectVerdict Refuse(string code, bool isActivity) => new(false, code, isActivity);
}
