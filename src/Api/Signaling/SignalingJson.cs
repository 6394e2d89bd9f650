using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using SessionManager.Api.Broadcasts;
using SessionManager.Api.Errors;
using SessionManager.Api.Json;
using SessionManager.Api.Signaling.Sockets;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Api.Signaling;

/// <summary>
/// The messages that the gateway itself says and hears. What comes from a node may have members of a later day, which are ignored.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    MaxDepth = 16,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(ErrorMessage))]
[JsonSerializable(typeof(ClientNews))]
[JsonSerializable(typeof(DropNews))]
[JsonSerializable(typeof(ViewerOfferNews))]
[JsonSerializable(typeof(ViewerNews))]
[JsonSerializable(typeof(BroadcastNews))]
[JsonSerializable(typeof(BroadcastStarted))]
[JsonSerializable(typeof(NodeRequest))]
[JsonSerializable(typeof(RequestResult))]
[JsonSerializable(typeof(Session))]
[JsonSerializable(typeof(HeartbeatReply))]
[JsonSerializable(typeof(ProblemBody))]
sealed partial class SignalingJson : JsonSerializerContext;

/// <summary><c>client_connected</c> and <c>client_disconnected</c>.</summary>
/// <param name="Clean">Of one that has left: whether it said so.</param>
/// <param name="Offered">Of one that is there: true where it has had its offer already, as after a channel has come back.</param>
sealed record ClientNews(string Type, string SessionId, string ConnectionId, bool? Clean = null, bool? Offered = null);

sealed record DropNews(string Type, string SessionId, string Reason);

sealed record ViewerOfferNews(
    string Type, string ViewerId, string BroadcastId, string SessionId, DateTimeOffset ExpiresAt, string Sdp);

/// <summary><c>viewer_trickle</c> and <c>viewer_delete</c>.</summary>
sealed record ViewerNews(string Type, string ViewerId, string? Reason = null, string? SdpFragment = null);

sealed record BroadcastNews(string Type, string BroadcastId, string SessionId);

/// <summary>What a node asks for on its channel, the same as over HTTP, and what it says of viewers.</summary>
/// <param name="Id">Chosen by the node; null: it wants no answer.</param>
/// <param name="Viewers">Of a heartbeat: who is being served, by broadcast.</param>
sealed record NodeRequest(
    string? Type,
    JsonElement? Id,
    ImmutableArray<string>? Sessions,
    double? Load,
    string? SessionId,
    string? ConnectionId,
    string? SessionToken,
    string? Reason,
    string? HlsUrl,
    string? BroadcastId,
    string? ViewerId,
    string? Sdp,
    Dictionary<string, ImmutableArray<string>>? Viewers)
{
    public const string Broadcast = "broadcast";
    public const string ViewerAnswer = "viewer_answer";
    public const string ViewerRefused = "viewer_refused";
    public const string ViewerGone = "viewer_gone";
    public const string Heartbeat = "heartbeat";
    public const string Connected = "connected";
    public const string Disconnected = "disconnected";

    /// <exception cref="PeerFault">A member has the wrong type.</exception>
    public static NodeRequest Read(Incoming message)
    {
        try
        {
            var reader = new Utf8JsonReader(message.Bytes);
            return JsonSerializer.Deserialize(ref reader, SignalingJson.Default.NodeRequest)!;
        }
        catch (JsonException)
        {
            throw new PeerFault(CloseCode.Malformed);
        }
    }
}

sealed record RequestResult(string Type, JsonElement Id, int Status, JsonElement Body);
