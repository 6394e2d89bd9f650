using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using SessionManager.Api.Signaling;
using SessionManager.Api.Signaling.Sockets;

namespace SessionManager.Tests.Signaling;

public class PeerTests
{
    /// <summary>All sockets of a process are looked at in one loop: what one throws would leave the others without deadlines.</summary>
    [Fact]
    public void A_socket_whose_request_has_ended_meanwhile_may_still_be_looked_at()
    {
        var (context, time) = (new DefaultHttpContext(), new FakeTimeProvider());
        var stream = new WatchedStream(new MemoryStream(), time);
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        var peer = new Peer(context, socket, stream, queueLength: 1, new GatewayOptions(), time);
        peer.Close(CloseCode.Normal);
        peer.End();
        context.Uninitialize();
        time.Advance(TimeSpan.FromMinutes(1));
        peer.Look();
    }
}
