using System.Collections.Immutable;
using SessionManager.Sessions;

namespace SessionManager.Journal;

/// <summary>What the journal writes. Every statement can be repeated.</summary>
static class JournalStatements
{
    /// <summary>A late repeat of older news changes nothing: the row goes by the newest event it has seen.</summary>
    const string UpsertSession =
        """
        INSERT INTO journal_sessions (session_id, seq, account_id, state, reason, node_id, region, model, image_to_video, created_at,
            token_expires_at, token_expired, connected_at, dropped_at, last_activity_at, broadcast_id)
        VALUES (@session_id, @seq, @account_id, @state, @reason, @node_id, @region, @model, @image_to_video, @created_at,
            @token_expires_at, @token_expired, @connected_at, @dropped_at, @last_activity_at, @broadcast_id)
        ON CONFLICT (session_id) DO UPDATE SET seq = excluded.seq, state = excluded.state, reason = excluded.reason,
            node_id = excluded.node_id, region = excluded.region, model = excluded.model, image_to_video = excluded.image_to_video,
            token_expires_at = excluded.token_expires_at, token_expired = excluded.token_expired,
            connected_at = excluded.connected_at, dropped_at = excluded.dropped_at,
            last_activity_at = excluded.last_activity_at, broadcast_id = excluded.broadcast_id
        WHERE excluded.seq >= journal_sessions.seq
        """;

    const string InsertEvent =
        """
        INSERT INTO journal_events (session_id, seq, account_id, at, type, node_id, connection_id, detail, streamed_seconds)
        VALUES (@session_id, @seq, @account_id, @at, @type, @node_id, @connection_id, @detail, @streamed_seconds)
        ON CONFLICT (session_id, seq) DO NOTHING
        """;

    public static ImmutableArray<Statement> Append(Session session, ImmutableArray<SessionEvent> events)
    {
        var last = events.IsDefaultOrEmpty ? 0 : events.Max(e => e.Seq);
        return
        [
            new(UpsertSession,
            [
                ("session_id", session.SessionId), ("seq", last), ("account_id", session.AccountId),
                ("state", WireNames<SessionState>.Of(session.State)),
                ("reason", session.Reason is { } reason ? WireNames<DropReason>.Of(reason) : null),
                ("node_id", session.NodeId), ("region", session.Region), ("model", session.Model),
                ("image_to_video", session.Capabilities is { } can ? Flag(can.ImageToVideo) : null),
                ("created_at", Instant.ToColumn(session.CreatedAt)), ("token_expires_at", Instant.ToColumn(session.TokenExpiresAt)),
                ("token_expired", Flag(session.TokenExpired)), ("connected_at", Instant.ToColumn(session.ConnectedAt)),
                ("dropped_at", Instant.ToColumn(session.DroppedAt)), ("last_activity_at", Instant.ToColumn(session.LastActivityAt)),
                ("broadcast_id", session.BroadcastId),
            ]),
            .. events.IsDefault ? [] : events.Select(e => new Statement(InsertEvent,
            [
                ("session_id", session.SessionId), ("seq", e.Seq), ("account_id", session.AccountId), ("at", Instant.ToColumn(e.At)),
                ("type", e.Type), ("node_id", e.NodeId), ("connection_id", e.ConnectionId), ("detail", e.Detail),
                ("streamed_seconds", e.StreamedSeconds),
            ])),
        ];
    }

    public static Statement Purged(string sessionId, DateTimeOffset at) => new(
        "UPDATE journal_sessions SET purged_at = @at WHERE session_id = @session_id AND purged_at IS NULL",
        [("at", Instant.ToColumn(at)), ("session_id", sessionId)]);

    static int Flag(bool yes) => yes ? 1 : 0;
}
