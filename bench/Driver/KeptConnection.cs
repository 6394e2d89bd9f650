using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace SessionManager.Driver;

/// <summary>
/// As little of an HTTP/1.1 client as is needed, so that the load costs the shared processors little: the request's bytes are
/// made once, and of an answer only its status and length are read.
/// </summary>
sealed class KeptConnection(Socket socket) : IDisposable
{
    readonly byte[] _buffer = new byte[64 * 1024];

    public static async Task<KeptConnection> Open(Uri server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Host, server.Port);
        return new KeptConnection(socket);
    }

    /// <summary>The answer's status code.</summary>
    /// <exception cref="InvalidOperationException">The server closed the connection.</exception>
    public async Task<int> Send(byte[] request)
    {
        await socket.SendAsync(request);
        var received = 0;
        var expected = int.MaxValue;
        while (received < expected)
        {
            var read = await socket.ReceiveAsync(_buffer.AsMemory(received));
            if (read == 0)
                throw new InvalidOperationException("The server closed the connection.");
            received += read;
            if (expected == int.MaxValue)
                expected = Length(_buffer.AsSpan(0, received));
            else if (expected == int.MaxValue - 1)
                expected = Ended(_buffer.AsSpan(0, received));
        }

        return int.Parse(_buffer.AsSpan("HTTP/1.1 ".Length, 3), NumberStyles.None, CultureInfo.InvariantCulture);
    }

    public void Dispose() => socket.Dispose();

    /// <summary>The whole answer's length once its headers are there; one less than the largest number where it comes in chunks.</summary>
    static int Length(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return int.MaxValue;
        var head = Encoding.ASCII.GetString(answer[..end]);
        if (head.Contains("chunked", StringComparison.OrdinalIgnoreCase))
            return Ended(answer);
        const string Name = "\r\nContent-Length: ";
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return end + 4;
        var value = head.AsSpan(at + Name.Length);
        var line = value.IndexOf('\r');
        return end + 4 + int.Parse(line < 0 ? value : value[..line], NumberStyles.None, CultureInfo.InvariantCulture);
    }

    static int Ended(ReadOnlySpan<byte> answer) => answer.EndsWith("\r\n0\r\n\r\n"u8) ? answer.Length : int.MaxValue - 1;
}
