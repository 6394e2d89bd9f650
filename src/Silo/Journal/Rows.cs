using SessionManager.Sessions;

namespace SessionManager.Journal;

/// <summary>A row of <c>sessions</c>.</summary>
sealed class SessionRow
{
    public string SessionId { get; set; } = "";
    public string AccountId { get; set; } = "";
    public string State { get; set; } = "";
    public string? Reason { get; set; }
    public string NodeId { get; set; } = "";
    public string Region { get; set; } = "";
    public string Model { get; set; } = "";
    public long? ImageToVideo { get; set; }
    public long CreatedAt { get; set; }
    public long? TokenExpiresAt { get; set; }
    public long TokenExpired { get; set; }
    public long? ConnectedAt { get; set; }
    public long? DroppedAt { get; set; }
    public long LastActivityAt { get; set; }
    public string? BroadcastId { get; set; }

    public Session ToSession() => new()
    {
        SessionId = SessionId,
        State = WireNames<SessionState>.Parse(State),
        Reason = Reason is null ? null : WireNames<DropReason>.Parse(Reason),
        AccountId = AccountId,
        NodeId = NodeId,
        Region = Region,
        Model = Model,
        Capabilities = ImageToVideo is { } can ? new(can != 0) : null,
        CreatedAt = Instant.FromColumn(CreatedAt),
        TokenExpiresAt = Instant.FromColumn(TokenExpiresAt),
        TokenExpired = TokenExpired != 0,
        ConnectedAt = Instant.FromColumn(ConnectedAt),
        DroppedAt = Instant.FromColumn(DroppedAt),
        LastActivityAt = Instant.FromColumn(LastActivityAt),
        BroadcastId = BroadcastId,
    };
}

/// <summary>A row of <c>session_events</c>.</summary>
sealed class EventRow
{
    public string SessionId { get; set; } = "";
    public int Seq { get; set; }
    public long At { get; set; }
    public string Type { get; set; } = "";
    public string? NodeId { get; set; }
    public string? ConnectionId { get; set; }
    public string? Detail { get; set; }
    public double? StreamedSeconds { get; set; }

    public SessionEvent ToEvent() => new(Seq, Instant.FromColumn(At), Type, NodeId, ConnectionId, Detail, StreamedSeconds);
}
