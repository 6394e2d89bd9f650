using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orleans;

namespace SessionManager.Sessions;

/// <summary>The three phases of a session's life; nothing else is ever reported.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SessionState>))]
public enum SessionState
{
    [JsonStringEnumMemberName("provisioned")] Provisioned,
    [JsonStringEnumMemberName("connected")] Connected,
    [JsonStringEnumMemberName("dropped")] Dropped,
}

/// <summary>Why a session ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DropReason>))]
public enum DropReason
{
    [JsonStringEnumMemberName("client_disconnected")] ClientDisconnected,
    [JsonStringEnumMemberName("connection_lost")] ConnectionLost,
    [JsonStringEnumMemberName("idle")] Idle,
    [JsonStringEnumMemberName("duration_limit")] DurationLimit,
    [JsonStringEnumMemberName("node_lost")] NodeLost,

    /// <summary>By its owner or an administrator, or because the key that minted it was revoked.</summary>
    [JsonStringEnumMemberName("terminated")] Terminated,
    [JsonStringEnumMemberName("account_suspended")] AccountSuspended,
}

/// <summary>What a streamer can do besides streaming from a prompt.</summary>
[GenerateSerializer, Immutable, Alias("capabilities")]
public sealed record Capabilities([property: Id(0)] bool ImageToVideo);

/// <summary>A session as its readers see it; serialized in snake_case it is the wire's own form.</summary>
/// <remarks>Not sealed: the front end adds the timeline to it.</remarks>
[GenerateSerializer, Immutable, Alias("session")]
public record Session
{
    [Id(0)] public required string SessionId { get; init; }
    [Id(1)] public required SessionState State { get; init; }
    [Id(2)] public DropReason? Reason { get; init; }
    [Id(3)] public required string AccountId { get; init; }
    [Id(4)] public required string NodeId { get; init; }
    [Id(5)] public required string Region { get; init; }
    [Id(6)] public required string Model { get; init; }
    [Id(7)] public Capabilities? Capabilities { get; init; }
    [Id(8)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(9)] public DateTimeOffset? TokenExpiresAt { get; init; }
    [Id(10)] public bool TokenExpired { get; init; }
    [Id(11)] public DateTimeOffset? ConnectedAt { get; init; }
    [Id(12)] public DateTimeOffset? DroppedAt { get; init; }
    [Id(13)] public required DateTimeOffset LastActivityAt { get; init; }
    [Id(14)] public string? BroadcastId { get; init; }

    /// <summary>The node's own signaling address; null where the built-in gateway is used. Not part of the public form.</summary>
    [Id(15), JsonIgnore] public string? NodeSignalingUrl { get; init; }

    public static Session Of(SessionRow row, DateTimeOffset now) => new()
    {
        SessionId = row.SessionId,
        State = row.State,
        Reason = row.Reason,
        AccountId = row.AccountId,
        NodeId = row.NodeId,
        Region = row.Region,
        Model = row.Model,
        Capabilities = row.Capabilities,
        CreatedAt = row.CreatedAt,
        TokenExpiresAt = row.TokenExpiresAt,
        TokenExpired = now >= row.TokenExpiresAt,
        ConnectedAt = row.ConnectedAt,
        DroppedAt = row.DroppedAt,
        LastActivityAt = row.LastActivityAt,
        BroadcastId = row.BroadcastId,
        NodeSignalingUrl = row.NodeSignalingUrl,
    };
}

/// <summary>One line of a session's timeline. <see cref="Seq"/> counts from 1 without gaps.</summary>
/// <param name="Type">minted, token_issued, token_expired, connected, connect_refused, connection_lost, moved, dropped.</param>
/// <param name="NodeId">minted, moved, connected: the node.</param>
/// <param name="ConnectionId">connected, connection_lost: the connection.</param>
/// <param name="Detail">dropped: the reason; connect_refused: the error code.</param>
/// <param name="StreamedSeconds">connection_lost, dropped: how long the connection that ended had lived, in whole milliseconds.</param>
[GenerateSerializer, Immutable, Alias("session-event")]
public sealed record SessionEvent(
    [property: Id(0)] int Seq,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] string Type,
    [property: Id(3)] string? NodeId = null,
    [property: Id(4)] string? ConnectionId = null,
    [property: Id(5)] string? Detail = null,
    [property: Id(6)] double? StreamedSeconds = null);
