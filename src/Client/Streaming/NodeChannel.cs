using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SessionManager.Client;

/// <summary>The node's WebSocket: one at a time, with one writer at a time.</summary>
[UnsupportedOSPlatform("browser")]
sealed class NodeChannel(Connection connection, StreamingNodeOptions options) : IDisposable
{
    const int ReadBytes = 16 * 1024;

    /// <summary>A server that is silent for longer than both together is gone.</summary>
    static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(10);
    static readonly TimeSpan PingPatience = TimeSpan.FromSeconds(15);
    static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(2);

    readonly SemaphoreSlim _writing = new(1);
    volatile ClientWebSocket? _open;

    /// <summary>Opens the channel and hands on what comes, until it closes or breaks.</summary>
    public async Task<ChannelEnd> RunAsync(
        Func<ChannelMessage, CancellationToken, Task> take, Action opened, CancellationToken cancellationToken)
    {
        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = PingEvery;
        socket.Options.KeepAliveTimeout = PingPatience;
        socket.Options.CollectHttpResponseDetails = true;
        if (await connection.CredentialAsync(cancellationToken).ConfigureAwait(false) is { } secret)
            socket.Options.SetRequestHeader("Authorization", $"Bearer {secret}");
        try
        {
            await socket.ConnectAsync(Address(), cancellationToken).ConfigureAwait(false);
            opened();
            _open = socket;
            return await ReadAsync(socket, take, cancellationToken).ConfigureAwait(false);
        }
        catch (WebSocketException problem)
        {
            return new ChannelEnd(0, problem.Message, IsRefusal: IsRefusal(socket.HttpStatusCode));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await CloseAsync(socket).ConfigureAwait(false);
            throw;
        }
        finally
        {
            _open = null;
        }
    }

    public async Task SendAsync<T>(T message, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(message, type);
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_open is not { } socket)
                throw new SessionManagerConnectionException("The node's channel is not open.", null);
            await socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is WebSocketException or ObjectDisposedException or InvalidOperationException)
        {
            throw new SessionManagerConnectionException("The node's channel is broken.", problem);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    async Task<ChannelEnd> ReadAsync(ClientWebSocket socket, Func<ChannelMessage, CancellationToken, Task> take, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(ReadBytes);
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.GetMemory(ReadBytes), cancellationToken).ConfigureAwait(false);
            if (read.MessageType == WebSocketMessageType.Close)
                return new ChannelEnd((int?)socket.CloseStatus ?? 0, socket.CloseStatusDescription, IsRefusal: (int?)socket.CloseStatus == ChannelEnd.KeyRefused);
            buffer.Advance(read.Count);
            if (buffer.WrittenCount > options.MaxMessageBytes)
                throw new WebSocketException(WebSocketError.Faulted, "A message is larger than the node takes.");
            if (!read.EndOfMessage)
                continue;
            var message = Parse(buffer.WrittenSpan);
            // What an image took is not kept for the next candidate.
            if (buffer.Capacity > 16 * ReadBytes)
                buffer = new ArrayBufferWriter<byte>(ReadBytes);
            else
                buffer.ResetWrittenCount();
            await take(message, cancellationToken).ConfigureAwait(false);
        }
    }

    static ChannelMessage Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, ClientJson.Default.ChannelMessage)!;
        }
        catch (JsonException problem)
        {
            throw new WebSocketException("The server's message is none of this protocol.", problem);
        }
    }

    Uri Address() => new UriBuilder(new Uri(connection.Address, $"api/nodes/{ApiPath.Segment(options.NodeId)}/channel"))
    {
        Scheme = connection.Address.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs,
    }.Uri;

    static bool IsRefusal(HttpStatusCode status) =>
        status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound;

    static async Task CloseAsync(ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(ClosePatience);
        try
        {
            if (socket.State == WebSocketState.Open)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is WebSocketException or OperationCanceledException)
        {
            // It was broken anyway.
        }
    }
}

/// <summary>How a channel ended.</summary>
/// <param name="Code">Its close code; 0: without one.</param>
/// <param name="Reason">In words, for the log.</param>
/// <param name="IsRefusal">Whether the node or its key was not accepted.</param>
readonly record struct ChannelEnd(int Code, string? Reason, bool IsRefusal)
{
    /// <summary>By a newer channel of the same node.</summary>
    public const int Replaced = 4000;
    public const int KeyRefused = 4001;
    public const int Deleted = 4004;
}

/// <summary>Anything the server says: a client's message (without a type), or the server's own.</summary>
sealed record ChannelMessage(
    string? Type, string? SessionId, string? ConnectionId, bool? Offered, bool? Clean, string? Reason, JsonElement? Message,
    string? ViewerId, string? BroadcastId, DateTimeOffset? ExpiresAt, string? Sdp, string? SdpFragment);

sealed record RelayedMessage(string SessionId, JsonElement Message);

sealed record ChannelDisconnect(string Type, string SessionId, string ConnectionId, string Reason);
