using SessionManager.Durability;
using SessionManager.Errors;
using SessionManager.Nodes;

namespace SessionManager.Sessions;

/// <summary>
/// What a session does on every event, as pure functions of (row, event, now): no I/O, no clock. Each answers with what is to be
/// stored; where nothing changes, with the very row it was given. The grain keeps the deadlines that have passed before it asks for
/// anything else, so none of the others has to.
/// </summary>
public static class SessionMachine
{
    /// <summary>How many ended connections are remembered.</summary>
    public const int MaxEndedConnections = 16;

    /// <summary>How many refused connects the timeline shows; more only count as activity.</summary>
    public const int MaxRefusalsShown = 20;

    /// <param name="node">The node that has promised it a place.</param>
    public static SessionChange Mint(Accounts.MintRequest request, string accountId, Node node, DateTimeOffset now, SessionOptions options)
    {
        var draft = new SessionDraft(new SessionRow
        {
            SessionId = request.SessionId,
            Version = 0,
            AccountId = accountId,
            KeyId = request.KeyId,
            IdempotencyKey = request.IdempotencyKey,
            BodyDigest = request.BodyDigest,
            NodeId = node.NodeId,
            Region = node.Region,
            Model = node.Model,
            Capabilities = node.Capabilities,
            NodeSignalingUrl = node.SignalingUrl,
            NeedsImageToVideo = request.NeedsImageToVideo,
            RegionLatencies = request.RegionLatencies,
            CreatedAt = now,
            LastActivityAt = now,
        });
        draft.Append(now, "minted", nodeId: node.NodeId);
        if (request.WithToken)
            StartToken(draft, now, options);
        return draft.Done(now, options);
    }

    /// <summary>Until when a session minted now takes its slot and its place if nothing more is heard of it.</summary>
    public static DateTimeOffset HeldByMint(bool withToken, DateTimeOffset now, SessionOptions options) =>
        now.AddSeconds(withToken ? options.TokenSeconds : options.IdleSeconds);

    /// <summary>Starts the token's life; a token that lives, or lived, is not given another.</summary>
    public static SessionChange IssueToken(SessionRow row, DateTimeOffset now, SessionOptions options)
    {
        var draft = new SessionDraft(row);
        if (row.State == SessionState.Provisioned && row.TokenExpiresAt is null)
            StartToken(draft, now, options);
        return draft.Done(now, options);
    }

    /// <summary>What a report of a new connection comes to.</summary>
    /// <param name="nodeId">The node that reports it; null: the gateway.</param>
    public static ConnectVerdict JudgeConnect(SessionRow row, string? nodeId, string connectionId, DateTimeOffset now)
    {
        // A session that moved away is not this node's any more: to it, it does not exist.
        if (nodeId is not null && row.NodeId != nodeId)
            return ConnectVerdict.Refuse(ErrorCatalogue.SessionNotFound, isActivity: false);
        if (row.State == SessionState.Dropped)
            return ConnectVerdict.Refuse(ErrorCatalogue.SessionDropped, isActivity: false);
        if (row.ConnectionId == connectionId)
            return ConnectVerdict.Repeated;
        if (row.EndedConnections.Contains(connectionId))
            return ConnectVerdict.Refuse(ErrorCatalogue.ConnectionEnded, isActivity: true);
        if (row.ConnectionId is not null)
            return ConnectVerdict.Refuse(ErrorCatalogue.AlreadyConnected, isActivity: true);
        // Nobody can hold a token that was never issued: no client is trying, and the idle cleanup must not wait for it.
        if (row.TokenExpiresAt is null)
            return ConnectVerdict.Refuse(ErrorCatalogue.SessionExpired, isActivity: false);
        return HasExpired(row, now) ? ConnectVerdict.Refuse(ErrorCatalogue.SessionExpired, isActivity: true) : ConnectVerdict.Accepted;
    }

    /// <param name="streamEndsAt">As the account answered; null: without limit.</param>
    public static SessionChange Connect(
        SessionRow row, string connectionId, DateTimeOffset? streamEndsAt, DateTimeOffset now, SessionOptions options)
    {
        var draft = new SessionDraft(row)
        {
            Row = row with
            {
                State = SessionState.Connected,
                ConnectedAt = row.ConnectedAt ?? now,
                StreamEndsAt = EndOf(row, streamEndsAt, now),
                ConnectionId = connectionId,
                ConnectionSince = now,
                LastActivityAt = now,
            },
        };
        draft.Append(now, "connected", nodeId: row.NodeId, connectionId: connectionId);
        if (row.ConnectedAt is null)
            draft.Use(StreamedDays.Of(now), milliseconds: 0, sessions: 1);
        return draft.Done(now, options);
    }

    public static SessionChange RefuseConnect(SessionRow row, string code, DateTimeOffset now, SessionOptions options)
    {
        var draft = new SessionDraft(row) { Row = row with { LastActivityAt = now, RefusedConnects = row.RefusedConnects + 1 } };
        if (row.RefusedConnects < MaxRefusalsShown)
            draft.Append(now, "connect_refused", detail: code);
        return draft.Done(now, options);
    }

    /// <summary>The connection has ended. A stale id, or a session without a connection, changes nothing.</summary>
    public static SessionChange Disconnect(SessionRow row, string connectionId, bool clean, DateTimeOffset now, SessionOptions options)
    {
        var draft = new SessionDraft(row);
        if (row.State != SessionState.Connected || row.ConnectionId != connectionId)
            return draft.Done(now, options);
        if (clean)
        {
            Drop(draft, DropReason.ClientDisconnected, now);
        }
        else if (HasExpired(row, now))
        {
            Drop(draft, DropReason.ConnectionLost, now);
        }
        else
        {
            var streamed = EndConnection(draft, now);
            draft.Row = draft.Row with { LastActivityAt = now };
            draft.Append(now, "connection_lost", connectionId: connectionId, streamed: streamed);
        }

        return draft.Done(now, options);
    }

    /// <param name="over">The broadcast that the new one follows; where the session has another by now, that one stays.</param>
    public static SessionChange Broadcast(SessionRow row, string broadcastId, string? over, DateTimeOffset now, SessionOptions options)
    {
        var draft = new SessionDraft(row);
        if (row.State == SessionState.Connected && row.BroadcastId == over)
            draft.Row = row with { BroadcastId = broadcastId };
        return draft.Done(now, options);
    }

    public static SessionChange Drop(SessionRow row, DropReason reason, DateTimeOffset now, SessionOptions options)
    {
        var draft = new SessionDraft(row);
        if (row.State != SessionState.Dropped)
            Drop(draft, reason, now);
        return draft.Done(now, options);
    }

    /// <summary>The account's limits, or what is left of its hours, may have changed: the stream ends then, at once if that is past.</summary>
    public static SessionChange LimitStream(SessionRow row, DateTimeOffset? streamEndsAt, DateTimeOffset now, SessionOptions options)
    {
        var draft = new SessionDraft(row);
        var end = EndOf(row, streamEndsAt, now);
        if (row.State == SessionState.Connected && row.StreamEndsAt != end)
            draft.Row = row with { StreamEndsAt = end };
        KeepDeadlines(draft, now, options);
        return draft.Done(now, options);
    }

    /// <param name="node">The node that has promised it a place.</param>
    public static SessionChange Move(SessionRow row, Node node, DateTimeOffset now, SessionOptions options)
    {
        var draft = new SessionDraft(row)
        {
            Row = row with
            {
                NodeId = node.NodeId,
                Region = node.Region,
                Model = node.Model,
                Capabilities = node.Capabilities,
                NodeSignalingUrl = node.SignalingUrl,
            },
        };
        draft.Append(now, "moved", nodeId: node.NodeId);
        return draft.Done(now, options);
    }

    /// <summary>Does what every deadline that has passed demands, at the instant it was for and not at the one it was noticed.</summary>
    public static SessionChange KeepDeadlines(SessionRow row, DateTimeOffset now, SessionOptions options)
    {
        var draft = new SessionDraft(row);
        KeepDeadlines(draft, now, options);
        return draft.Done(now, options);
    }

    /// <summary>When something happens by itself; null once it is dropped, or while it streams without limit.</summary>
    public static DateTimeOffset? NextDeadline(SessionRow row, SessionOptions options)
    {
        var expiry = row.TokenExpiryNoted ? null : row.TokenExpiresAt;
        return row.State switch
        {
            SessionState.Provisioned => Clock.Earlier(expiry, row.LastActivityAt.AddSeconds(options.IdleSeconds)),
            SessionState.Connected => Clock.Earlier(expiry, row.StreamEndsAt),
            _ => null,
        };
    }

    /// <summary>Until when a live session takes a slot and a place; null: until it is dropped.</summary>
    public static DateTimeOffset? HoldsUntil(SessionRow row, SessionOptions options) => row.State switch
    {
        SessionState.Provisioned => row.TokenExpiresAt ?? row.LastActivityAt.AddSeconds(options.IdleSeconds),
        // Its connection is lost: it drops when its token expires, whoever notices.
        SessionState.Connected => row.ConnectionId is null ? row.TokenExpiresAt : null,
        _ => row.DroppedAt,
    };

    /// <summary>Whether it takes a slot and a place now.</summary>
    public static bool Holds(SessionRow row, DateTimeOffset now) =>
        row.State != SessionState.Dropped && !(row.HoldsUntil <= now);

    /// <summary>Whether a dropped session can still be read.</summary>
    public static bool IsReadable(SessionRow row, DateTimeOffset now, SessionOptions options) =>
        row.DroppedAt is not { } droppedAt || now - droppedAt < TimeSpan.FromSeconds(options.RetentionSeconds);

    /// <summary>Its token has expired. Once that is noted it stays so, also where the clock is set back.</summary>
    public static bool HasExpired(SessionRow row, DateTimeOffset now) => row.TokenExpiryNoted || row.TokenExpiresAt <= now;

    static void StartToken(SessionDraft draft, DateTimeOffset now, SessionOptions options)
    {
        draft.Row = draft.Row with { TokenExpiresAt = now.AddSeconds(options.TokenSeconds), LastActivityAt = now };
        draft.Append(now, "token_issued");
    }

    static void KeepDeadlines(SessionDraft draft, DateTimeOffset now, SessionOptions options)
    {
        while (NextDeadline(draft.Row, options) is { } deadline && deadline <= now)
            Keep(draft, deadline);
    }

    static void Keep(SessionDraft draft, DateTimeOffset deadline)
    {
        var row = draft.Row;
        if (row.State == SessionState.Connected && deadline == row.StreamEndsAt)
        {
            Drop(draft, DropReason.DurationLimit, deadline);
        }
        else if (!row.TokenExpiryNoted && deadline == row.TokenExpiresAt)
        {
            draft.Row = row with { TokenExpiryNoted = true };
            draft.Append(deadline, "token_expired");
            if (row.State == SessionState.Connected && row.ConnectionId is null)
                Drop(draft, DropReason.ConnectionLost, deadline);
        }
        else
        {
            Drop(draft, DropReason.Idle, deadline);
        }
    }

    static void Drop(SessionDraft draft, DropReason reason, DateTimeOffset at)
    {
        var connectionId = draft.Row.ConnectionId;
        var streamed = EndConnection(draft, at);
        draft.Row = draft.Row with { State = SessionState.Dropped, Reason = reason, DroppedAt = at };
        draft.Append(at, "dropped", connectionId: connectionId, detail: DropReasons.Name(reason), streamed: streamed);
    }

    /// <summary>What the connection streamed, in milliseconds; null where there is none.</summary>
    static long? EndConnection(SessionDraft draft, DateTimeOffset at)
    {
        var row = draft.Row;
        if (row.ConnectionId is null || row.ConnectionSince is not { } since)
            return null;
        foreach (var (day, milliseconds) in StreamedDays.Between(since, at))
            draft.Use(day, milliseconds, sessions: 0);
        var streamed = Math.Max(0, (long)(at - since).TotalMilliseconds);
        var ended = row.EndedConnections.Add(row.ConnectionId);
        draft.Row = row with
        {
            ConnectionId = null,
            ConnectionSince = null,
            StreamedMilliseconds = row.StreamedMilliseconds + streamed,
            EndedConnections = ended.Length > MaxEndedConnections ? ended.RemoveAt(0) : ended,
        };
        return streamed;
    }

    /// <summary>
    /// A limit that was lowered counts from now on: what was streamed until then was allowed and is used. Only an end that was known is
    /// kept at its instant, however late that is noticed.
    /// </summary>
    static DateTimeOffset? EndOf(SessionRow row, DateTimeOffset? streamEndsAt, DateTimeOffset now) =>
        streamEndsAt < now && !(row.StreamEndsAt <= streamEndsAt) ? Clock.Earlier(row.StreamEndsAt, now) : streamEndsAt;
}

/// <summary>What a report of a new connection comes to: accepted, a repeat of one already taken, or refused.</summary>
/// <param name="IsActivity">A refusal that shows the client is still trying: the idle cleanup waits for it.</param>
public readonly record struct ConnectVerdict(bool Accept, string? Refusal, bool IsActivity)
{
    public static readonly ConnectVerdict Accepted = new(true, null, true);
    public static readonly ConnectVerdict Repeated = new(false, null, false);

    public static ConnectVerdict Refuse(string code, bool isActivity) => new(false, code, isActivity);
}
