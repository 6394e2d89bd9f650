using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace SessionManager.Load;

/// <summary>
/// As little of an HTTP/1.1 client as is needed, so that the load costs the shared processors little: the request's bytes are
/// made once, and of an answer only its status and length are read.
/// </summary>
sealed class KeptConnection(Socket socket) : IDisposable
{
    readonly byte[] buffer = new byte[64 * 1024];

    public static async Task<KeptConnection> Open(Uri server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Host, server.Port);
        return new KeptConnection(socket);
    }

    /// <exception cref="InvalidOperationException">The answer is not a success.</exception>
    public async Task Send(byte[] request)
    {
        await socket.SendAsync(request);
        var received = 0;
        var expected = int.MaxValue;
        while (received < expected)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(received));
            if (read == 0)
                throw new InvalidOperationException("The server closed the connection.");
            received += read;
            if (expected == int.MaxValue)
                expected = Length(buffer.AsSpan(0, received));
        }

        if (buffer[9] != '2')
            throw new InvalidOperationException(Encoding.UTF8.GetString(buffer, 0, received));
    }

    public void Dispose() => socket.Dispose();

    /// <summary>The whole answer's, once its headers are there.</summary>
    static int Length(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return int.MaxValue;
        var head = Encoding.ASCII.GetString(answer[..end]);
        if (head.Contains("chunked", StringComparison.OrdinalIgnoreCase))
            return answer.EndsWith("\r\n0\r\n\r\n"u8) ? answer.Length : int.MaxValue;
        const string Name = "\r\nContent-Length: ";
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return end + 4;
        var value = head.AsSpan(at + Name.Length);
        var line = value.IndexOf('\r');
        return end + 4 + int.Parse(line < 0 ? value : value[..line], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}

static class RawRequest
{
    public static byte[] Get(string path, string? key = null) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: load\r\n{Bearer(key)}\r\n");

    public static byte[] Post(string path, string key) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: load\r\n{Bearer(key)}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}");

    static string Bearer(string? key) => key is null ? "" : $"Authorization: Bearer {key}\r\n";
}
