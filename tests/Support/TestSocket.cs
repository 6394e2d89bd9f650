using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace SessionManager.Tests;

/// <summary>A WebSocket of a test: text in, JSON out, and the code it was closed with.</summary>
public sealed class TestSocket : IAsyncDisposable
{
    /// <summary>How long anything may take before the test says what has not come: the machine may be busy.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly ClientWebSocket _socket;

    TestSocket(ClientWebSocket socket) => _socket = socket;

    public static async Task<TestSocket> Open(Uri server, string pathAndQuery, string? bearer = null, string? origin = null)
    {
        var (socket, refused) = await Try(server, pathAndQuery, bearer, origin);
        Assert.True(refused is null, $"{pathAndQuery} was answered {refused}");
        return socket!;
    }

    /// <summary>The status it is refused with before there is a socket.</summary>
    public static async Task<HttpStatusCode> Refused(Uri server, string pathAndQuery, string? bearer = null, string? origin = null)
    {
        var (socket, refused) = await Try(server, pathAndQuery, bearer, origin);
        if (socket is not null)
            await socket.DisposeAsync();
        return refused ?? HttpStatusCode.SwitchingProtocols;
    }

    static async Task<(TestSocket? Socket, HttpStatusCode? Refused)> Try(Uri server, string pathAndQuery, string? bearer, string? origin)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        if (bearer is not null)
            socket.Options.SetRequestHeader("Authorization", $"Bearer {bearer}");
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        try
        {
            await socket.ConnectAsync(new UriBuilder(new Uri(server, pathAndQuery)) { Scheme = "ws" }.Uri, CancellationToken.None);
            return (new(socket), null);
        }
        catch (WebSocketException) when (socket.HttpStatusCode != 0)
        {
            socket.Dispose();
            return (null, socket.HttpStatusCode);
        }
    }

    public Task Send(string text, bool endOfMessage = true) => Send(Encoding.UTF8.GetBytes(text), endOfMessage);

    public async Task Send(ReadOnlyMemory<byte> utf8, bool endOfMessage = true, WebSocketMessageType type = WebSocketMessageType.Text)
    {
        using var late = new CancellationTokenSource(Patience);
        await _socket.SendAsync(utf8, type, endOfMessage, late.Token);
    }

    /// <summary>The next message, as it came.</summary>
    /// <param name="patience">How long it may take, where that is longer than usual.</param>
    public async Task<byte[]> ReceiveBytes(TimeSpan? patience = null)
    {
        var received = await Receive(patience);
        Assert.True(received is not null, $"The socket was closed with {_socket.CloseStatus} instead of saying something.");
        return received;
    }

    /// <summary>The next message, or null once the server has closed or the connection is broken.</summary>
    public async Task<JsonObject?> ReceiveUntilEnd()
    {
        try
        {
            return await Receive() is { } received ? JsonNode.Parse(received)!.AsObject() : null;
        }
        catch (WebSocketException)
        {
            return null;
        }
    }

    public async Task<JsonObject> ReceiveJson(TimeSpan? patience = null) => JsonNode.Parse(await ReceiveBytes(patience))!.AsObject();

    /// <summary>The next message of the type; what comes before is passed over.</summary>
    public async Task<JsonObject> ReceiveType(string type)
    {
        while (true)
        {
            var message = await ReceiveJson();
            if ((string?)message["type"] == type)
                return message;
        }
    }

    /// <summary>The code the server closes with; messages before that are passed over.</summary>
    public async Task<int> Closed()
    {
        while (await Receive() is not null)
        {
        }

        if (_socket.State == WebSocketState.CloseReceived)
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        return (int)_socket.CloseStatus!;
    }

    public async Task Close(int code = 1000)
    {
        await _socket.CloseOutputAsync((WebSocketCloseStatus)code, null, CancellationToken.None);
        await Closed();
    }

    /// <summary>As when the process at the other end is killed.</summary>
    public void Abort() => _socket.Abort();

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>null: the server has closed.</summary>
    async Task<byte[]?> Receive(TimeSpan? patience = null)
    {
        using var late = new CancellationTokenSource(patience ?? Patience);
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var got = await _socket.ReceiveAsync(buffer.AsMemory(), late.Token);
            if (got.MessageType == WebSocketMessageType.Close)
                return null;
            message.Write(buffer, 0, got.Count);
            if (got.EndOfMessage)
                return message.ToArray();
        }
    }
}
