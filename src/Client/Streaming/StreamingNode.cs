using System.Collections.Concurrent;
using System.Net;
using System.Runtime.Versioning;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SessionManager.Client;

/// <summary>
/// A streaming node's side of the server: registers the node, keeps its lease with heartbeats, keeps its channel open through whatever
/// breaks it, and compares the sessions on both sides. Media is the handler's. Needs a key with the scope <c>nodes:report</c>.
/// </summary>
[UnsupportedOSPlatform("browser")]
public sealed partial class StreamingNode : IDisposable
{
    readonly SessionManagerClient _client;
    readonly StreamingNodeOptions _options;
    readonly IStreamingNodeHandler _handler;
    readonly ILogger _logger;
    readonly NodeChannel _channel;

    /// <summary>Those whose clients are there, and their connections. Every heartbeat names them.</summary>
    readonly ConcurrentDictionary<string, string> _connections = new();

    /// <summary>The channel and the heartbeat both have news for the handler.</summary>
    readonly SemaphoreSlim _turn = new(1);

    /// <summary>A node that does nothing until <see cref="RunAsync"/>.</summary>
    /// <param name="client">With a key that has the scope <c>nodes:report</c>. Remains the caller's to dispose.</param>
    /// <param name="options">What the node is.</param>
    /// <param name="handler">What it does with its clients.</param>
    /// <param name="logger">Is told what is tried again; <see langword="null"/>: nobody is.</param>
    public StreamingNode(
        SessionManagerClient client, StreamingNodeOptions options, IStreamingNodeHandler handler, ILogger<StreamingNode>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(handler);
        _client = client;
        _options = options;
        _handler = handler;
        _logger = logger ?? NullLogger<StreamingNode>.Instance;
        _channel = new NodeChannel(client.Connection, options);
    }

    /// <summary>The sessions whose clients are connected.</summary>
    public IReadOnlyCollection<string> SessionIds => [.. _connections.Keys];

    /// <summary>Registers the node and runs it until it is cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled. Its sessions go on until its lease has run out.</exception>
    /// <exception cref="SessionManagerAuthenticationException">The key is not good (any more), or the node is another account's.</exception>
    /// <exception cref="SessionManagerApiException">The registration is refused.</exception>
    /// <exception cref="SessionManagerConnectionException">The server cannot be reached to register; later it is tried for ever.</exception>
    /// <exception cref="StreamingNodeEndedException">Another process runs this node, or it was deleted.</exception>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        var lease = await RegisterAsync(cancellationToken).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] running = [KeepLeaseAsync(lease, stop.Token), KeepChannelAsync(stop.Token)];
        var first = await Task.WhenAny(running).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first.ConfigureAwait(false);
    }

    /// <summary>Sends a client its <c>offer</c>, an <c>ice_candidate</c> or an <c>error</c>.</summary>
    /// <param name="sessionId">The client's session.</param>
    /// <param name="message">A JSON object with a <c>type</c>, at most 64 KB.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SessionManagerConnectionException">
    /// The channel is broken. When it is back, the handler is told of every client that is there.
    /// </exception>
    public Task SendAsync(string sessionId, JsonElement message, CancellationToken cancellationToken = default) =>
        _channel.SendAsync(new RelayedMessage(sessionId, message), ClientJson.Default.RelayedMessage, cancellationToken);

    /// <summary>Ends a client's connection: its media has failed for good, or its stream is over.</summary>
    /// <param name="connection">The client's connection; one that is over already changes nothing.</param>
    /// <param name="clean">Whether the session is over; otherwise the client may come back while its token lives.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task DisconnectAsync(NodeConnection connection, bool clean, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        Forget(connection);
        try
        {
            var report = new ChannelDisconnect("disconnected", connection.SessionId, connection.ConnectionId, clean ? "clean" : "lost");
            await _channel.SendAsync(report, ClientJson.Default.ChannelDisconnect, cancellationToken).ConfigureAwait(false);
        }
        catch (SessionManagerConnectionException)
        {
            await _client.Nodes.ReportDisconnectedAsync(
                _options.NodeId, connection.SessionId, connection.ConnectionId, clean, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Frees what the node holds. After <see cref="RunAsync"/> has ended.</summary>
    public void Dispose()
    {
        _channel.Dispose();
        _turn.Dispose();
    }

    Task<TimeSpan> RegisterAsync(CancellationToken cancellationToken) =>
        _client.Nodes.RegisterAsync(_options.NodeId, _options.Registration, cancellationToken);

    /// <summary>Over HTTP and not over the channel: the lease must not end with a channel that is being opened again.</summary>
    async Task KeepLeaseAsync(TimeSpan lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var answer = await _client.Nodes.HeartbeatAsync(
                    _options.NodeId, [.. _connections.Keys], _options.Load?.Invoke(), cancellationToken).ConfigureAwait(false);
                lease = TimeSpan.FromSeconds(answer.LeaseSeconds);
                await ReportViewersAsync(cancellationToken).ConfigureAwait(false);
                foreach (var sessionId in answer.Drop)
                    await DropAsync(sessionId, null, cancellationToken).ConfigureAwait(false);
            }
            catch (SessionManagerApiException unknown) when (unknown.Code == "node_not_found")
            {
                await RegisterAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (SessionManagerException problem) when (IsPassing(problem))
            {
                LogHeartbeatFailed(_options.NodeId, problem.Message);
            }

            await Task.Delay(lease / 3, _client.Connection.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    async Task KeepChannelAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(_client.Connection.Time);
        while (true)
        {
            var end = await _channel.RunAsync(TakeAsync, backoff.Reset, cancellationToken).ConfigureAwait(false);
            LogChannelClosed(_options.NodeId, end.Code, end.Reason);
            if (end.Code == ChannelEnd.Replaced)
                throw new StreamingNodeEndedException($"Another process runs the node {_options.NodeId} now.");
            if (end.Code == ChannelEnd.Deleted)
                throw new StreamingNodeEndedException($"The node {_options.NodeId} was deleted.");
            await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (end.IsRefusal)
                await RegisterAgainAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>After a refused channel: says why where the key is not good, and finds a server that has forgotten the node.</summary>
    async Task RegisterAgainAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RegisterAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SessionManagerException problem) when (IsPassing(problem))
        {
            LogHeartbeatFailed(_options.NodeId, problem.Message);
        }
    }

    async Task TakeAsync(ChannelMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case { Type: "client_connected", SessionId: { } sessionId, ConnectionId: { } connectionId }:
                await ConnectedAsync(new(sessionId, connectionId), message.Offered ?? false, cancellationToken).ConfigureAwait(false);
                break;
            case { Type: "client_disconnected", SessionId: { } sessionId, ConnectionId: { } connectionId }:
                var connection = new NodeConnection(sessionId, connectionId);
                Forget(connection);
                await TellAsync(
                    () => _handler.ClientDisconnectedAsync(connection, message.Clean ?? false, cancellationToken), cancellationToken).ConfigureAwait(false);
                break;
            case { Type: "drop", SessionId: { } sessionId }:
                await DropAsync(sessionId, message.Reason, cancellationToken).ConfigureAwait(false);
                break;
            case { Type: "viewer_offer", ViewerId: { } viewerId, BroadcastId: { } broadcastId, SessionId: { } sessionId, Sdp: { } sdp }:
                _ = AnswerViewerAsync(new(viewerId, broadcastId, sessionId, sdp, message.ExpiresAt), cancellationToken);
                break;
            case { Type: "viewer_trickle", ViewerId: { } viewerId, SdpFragment: { } fragment }:
                await TellAsync(() => _handler.ViewerTrickledAsync(viewerId, fragment, cancellationToken), cancellationToken).ConfigureAwait(false);
                break;
            case { Type: "viewer_delete", ViewerId: { } viewerId }:
                Forget(viewerId);
                await TellAsync(() => _handler.ViewerEndedAsync(viewerId, message.Reason, cancellationToken), cancellationToken).ConfigureAwait(false);
                break;
            case { Type: "broadcast_ended", BroadcastId: { } broadcastId, SessionId: { } sessionId }:
                _viewers.TryRemove(broadcastId, out _);
                await TellAsync(
                    () => _handler.BroadcastEndedAsync(broadcastId, sessionId, cancellationToken), cancellationToken).ConfigureAwait(false);
                break;
            case { Type: null, SessionId: { } sessionId, Message: { } relayed }:
                await TellAsync(() => _handler.MessageReceivedAsync(sessionId, relayed, cancellationToken), cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Clients take one offer a connection. Of one that had its own from a process before this one, only a new connection helps.</summary>
    async Task ConnectedAsync(NodeConnection connection, bool offered, CancellationToken cancellationToken)
    {
        var isKnown = _connections.TryGetValue(connection.SessionId, out var known) && known == connection.ConnectionId;
        if (offered && isKnown)
            return;
        if (offered)
        {
            await DisconnectAsync(connection, clean: false, cancellationToken).ConfigureAwait(false);
            return;
        }

        _connections[connection.SessionId] = connection.ConnectionId;
        await TellAsync(() => _handler.ClientConnectedAsync(connection, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    Task DropAsync(string sessionId, string? reason, CancellationToken cancellationToken)
    {
        _connections.TryRemove(sessionId, out _);
        return TellAsync(() => _handler.SessionDroppedAsync(sessionId, reason, cancellationToken), cancellationToken);
    }

    /// <summary>Only if it is the session's connection still.</summary>
    void Forget(NodeConnection connection) => _connections.TryRemove(new(connection.SessionId, connection.ConnectionId));

    async Task TellAsync(Func<Task> news, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await news().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Whether trying again may help: the server is away, busy or has a defect.</summary>
    static bool IsPassing(SessionManagerException problem) => problem is SessionManagerConnectionException or RateLimitedException
        or SessionManagerApiException { Status: >= HttpStatusCode.InternalServerError };

    [LoggerMessage(1, LogLevel.Warning, "The node {NodeId} could not report: {Problem}")]
    partial void LogHeartbeatFailed(string nodeId, string problem);

    [LoggerMessage(2, LogLevel.Information, "The channel of node {NodeId} closed ({Code}): {Reason}")]
    partial void LogChannelClosed(string nodeId, int code, string? reason);
}
