using System.Net.Sockets;
using System.Text;

namespace SessionManager.Tests.Signaling;

/// <summary>
/// A WebSocket client that, once it is connected, neither reads nor writes nor closes: to the server as if its machine had lost
/// its network.
/// </summary>
sealed class SilentSocket : IDisposable
{
    readonly TcpClient tcp;

    SilentSocket(TcpClient tcp) => this.tcp = tcp;

    public static async Task<SilentSocket> Open(TestServer server, string path)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Address.Host, server.Address.Port);
        var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: {server.Address.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        var answer = new byte[64];
        await stream.ReadAtLeastAsync(answer, 12);
        Assert.StartsWith("HTTP/1.1 101", Encoding.ASCII.GetString(answer), StringComparison.Ordinal);
        return new(tcp);
    }

    public void Dispose() => tcp.Dispose();
}
