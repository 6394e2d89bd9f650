using System.Net.Sockets;
using System.Text;

namespace SessionManager.Tests;

/// <summary>Sends what no HTTP client would.</summary>
static class RawHttp
{
    /// <summary>The answer's first bytes as text: its status line and headers, and a short body.</summary>
    /// <param name="toTheEnd">All that comes until the server closes the connection.</param>
    public static async Task<string> Send(Uri server, string request, bool toTheEnd = false)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        var answer = new byte[16 * 1024];
        var length = 0;
        do
        {
            var read = await stream.ReadAsync(answer.AsMemory(length));
            length += read;
            toTheEnd &= read > 0;
        }
        while (toTheEnd);
        return Encoding.Latin1.GetString(answer, 0, length);
    }
}
