using System.Text;
using System.Text.Json;
using SessionManager.Api.Signaling.Sockets;
using SessionManager.Signaling;

namespace SessionManager.Api.Signaling;

/// <summary>What the gateway says on a node's channel.</summary>
static class NodeMessages
{
    static readonly ReadOnlyMemory<byte> End = "}"u8.ToArray();

    public static Outgoing ClientConnected(ClientLink client) =>
        Of(new ClientNews("client_connected", client.SessionId, client.ConnectionId, Offered: client.Offered ? true : null));

    public static Outgoing ClientDisconnected(string sessionId, string connectionId, bool clean) =>
        Of(new ClientNews("client_disconnected", sessionId, connectionId, clean));

    public static Outgoing Drop(string sessionId, string reason) =>
        new(JsonSerializer.SerializeToUtf8Bytes(new DropNews("drop", sessionId, reason), SignalingJson.Default.DropNews));

    public static Outgoing ViewerOffer(ViewerOffer offer) => new(JsonSerializer.SerializeToUtf8Bytes(
        new ViewerOfferNews("viewer_offer", offer.ViewerId, offer.BroadcastId, offer.SessionId, offer.ExpiresAt, offer.Sdp),
        SignalingJson.Default.ViewerOfferNews));

    public static Outgoing ViewerTrickle(string viewerId, string fragment) => Of(new ViewerNews("viewer_trickle", viewerId, SdpFragment: fragment));

    public static Outgoing ViewerDelete(string viewerId, string reason) => Of(new ViewerNews("viewer_delete", viewerId, reason));

    public static Outgoing BroadcastEnded(string broadcastId, string sessionId) => new(JsonSerializer.SerializeToUtf8Bytes(
        new BroadcastNews("broadcast_ended", broadcastId, sessionId), SignalingJson.Default.BroadcastNews));

    public static Outgoing Result(JsonElement id, int status, JsonElement body) =>
        new(JsonSerializer.SerializeToUtf8Bytes(new RequestResult("result", id, status, body), SignalingJson.Default.RequestResult));

    /// <summary>A client's message as it came, wrapped. A session's id needs no escaping.</summary>
    public static Outgoing Wrap(string sessionId, byte[][] message, TaskCompletionSource<bool> sent)
    {
        var start = Encoding.ASCII.GetBytes($"{{\"session_id\":\"{sessionId}\",\"message\":");
        return message.Length == 1
            ? new Outgoing([(byte[])[.. start, .. message[0], (byte)'}']], sent)
            : new Outgoing([start, .. message.Select(part => (ReadOnlyMemory<byte>)part), End], sent);
    }

    static Outgoing Of(ViewerNews news) => new(JsonSerializer.SerializeToUtf8Bytes(news, SignalingJson.Default.ViewerNews));

    static Outgoing Of(ClientNews news) => new(JsonSerializer.SerializeToUtf8Bytes(news, SignalingJson.Default.ClientNews));
}
