using System.Net.Sockets;
using System.Text;
using Xunit;

namespace SessionManager.Tests;

/// <summary>
/// The least there is of a WebSocket client: it answers pings until it falls silent. From then on it neither reads nor writes nor
/// closes: to the server as if its machine had lost its network.
/// </summary>
public sealed class RawClient : IDisposable
{
    static readonly byte[] Ping = [0x89, 0x00];
    static readonly byte[] Pong = [0x8A, 0x80, 0, 0, 0, 0];

    readonly TcpClient _tcp;
    volatile bool _silent;

    RawClient(TcpClient tcp) => _tcp = tcp;

    public static async Task<RawClient> Open(Uri server, string path)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Host, server.Port);
        var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        var answer = new StringBuilder();
        var one = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
            answer.Append((char)one[0]);
        Assert.StartsWith("HTTP/1.1 101", answer.ToString(), StringComparison.Ordinal);
        return new(tcp);
    }

    /// <summary>Until it falls silent.</summary>
    public async Task AnswerPings()
    {
        var stream = _tcp.GetStream();
        var buffer = new byte[64];
        try
        {
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                if (_silent)
                    return;
                if (buffer.AsSpan(0, read).SequenceEqual(Ping))
                    await stream.WriteAsync(Pong);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The server has cut it.
        }
    }

    public void FallSilent() => _silent = true;

    public void Dispose() => _tcp.Dispose();
}
