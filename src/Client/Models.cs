using System.Text.Json;

namespace SessionManager.Client;

/// <summary>What a client needs to connect. Handed to the browser instead of the API key.</summary>
/// <param name="ExpiresIn">Seconds left to connect in; a stream that is connected by then goes on.</param>
/// <param name="Capabilities">null: none.</param>
public sealed record Credentials(string SessionId, string SignalingUrl, string SessionToken, int ExpiresIn, Capabilities? Capabilities = null);

/// <param name="ImageToVideo">Whether a stream can start from an image.</param>
public sealed record Capabilities(bool ImageToVideo);

/// <param name="RegionLatencies">Milliseconds to each region; the nearest with room is chosen.</param>
/// <param name="Capabilities">What the streamer must be able to do.</param>
public sealed record MintWishes(IReadOnlyDictionary<string, double>? RegionLatencies = null, Capabilities? Capabilities = null);

public sealed record Region(string Id, string PingUrl);

/// <param name="State"><c>provisioned</c>, <c>connected</c> or <c>dropped</c>.</param>
/// <param name="Reason">Why it was dropped.</param>
/// <param name="Events">Its timeline; only where one session was asked for.</param>
public sealed record Session(
    string SessionId,
    string State,
    string? Reason,
    string AccountId,
    string NodeId,
    string Region,
    string Model,
    DateTimeOffset CreatedAt,
    DateTimeOffset? TokenExpiresAt,
    bool TokenExpired,
    DateTimeOffset? ConnectedAt,
    DateTimeOffset? DroppedAt,
    DateTimeOffset LastActivityAt,
    IReadOnlyList<SessionEvent>? Events = null);

/// <param name="Seq">From 1 without gaps.</param>
public sealed record SessionEvent(int Seq, DateTimeOffset At, string Type, string? Detail = null);

/// <summary>What a node says of itself.</summary>
/// <param name="Capacity">How many sessions it can stream at a time.</param>
/// <param name="SignalingUrl">Its own signaling server; null: the built-in gateway.</param>
/// <param name="PingUrl">Where clients measure their latency to it; null: the session manager.</param>
/// <param name="Load">How busy it is, 0 to 1.</param>
public sealed record NodeDescription(
    string Region,
    string Model,
    int Capacity,
    Capabilities? Capabilities = null,
    string? SignalingUrl = null,
    string? PingUrl = null,
    double? Load = null);

/// <param name="Drop">Sessions the node streams and should end.</param>
/// <param name="Expected">Every session that has a place on the node.</param>
public sealed record HeartbeatAnswer(int LeaseSeconds, IReadOnlyList<string> Drop, IReadOnlyList<string> Expected);

sealed record RegionList(IReadOnlyList<Region> Regions);

sealed record SessionPage(IReadOnlyList<Session> Data, string? Cursor = null);

sealed record Lease(int LeaseSeconds);

sealed record Heartbeat(IReadOnlyList<string> Sessions);

sealed record ConnectReport(string SessionToken, string ConnectionId);

sealed record DisconnectReport(string ConnectionId, string Reason);

sealed record Problem(string? Code, string? Title, string? Detail, string? Message, string? RequestId, JsonElement? Details);
