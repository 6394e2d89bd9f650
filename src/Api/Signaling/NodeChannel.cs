using System.Collections.Concurrent;
using System.Threading.Channels;
using SessionManager.Api.Signaling.Sockets;
using SessionManager.Sessions;
using SessionManager.Signaling;

namespace SessionManager.Api.Signaling;

/// <summary>
/// One node's channel. It knows every client of the node, wherever that is attached, and says so to the node; the node's messages
/// go to each by a queue of its own, so that a slow client holds up no other.
/// </summary>
sealed partial class NodeChannel
{
    readonly Gateway _gateway;
    readonly Peer _peer;
    readonly NodeRequests _requests;
    readonly GatewayOptions _options;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly MessageRate _rate;
    readonly ConcurrentDictionary<string, NodeSession> _sessions = new(StringComparer.Ordinal);

    /// <summary>What the node is told of a session's connections, and their messages, stay in one order.</summary>
    readonly Lock _telling = new();
    ChannelLink _link;
    int _renewing;

    public NodeChannel(
        Gateway gateway, Peer peer, string nodeId, ChannelLink link, NodeRequests requests, GatewayOptions options, TimeProvider time, ILogger logger)
    {
        (_gateway, _peer, NodeId, _link, _requests, _options, _time, _logger) =
            (gateway, peer, nodeId, link, requests, options, time, logger);
        _rate = new(options.NodeMessagesPerSecond, options.NodeMessagesPerSecond, time);
    }

    public string NodeId { get; }

    public string ChannelId => _link.ChannelId;

    public bool IsOpen => !_peer.IsClosing;

    IChannelGrain Grain => _gateway.Channel(NodeId);

    /// <summary>Until the channel has closed.</summary>
    public async Task Run()
    {
        var sending = _peer.SendAll();
        var asked = Channel.CreateBounded<Asked>(
            new BoundedChannelOptions(_options.QueueLength) { SingleReader = true, SingleWriter = true });
        var answering = AnswerAll(asked.Reader);
        try
        {
            await Renew();
            await ReceiveAll(asked.Writer);
        }
        catch (PeerFault fault)
        {
            LogRefused(_logger, NodeId, fault.Code);
            _peer.Close(fault.Code);
            await _peer.Drain();
        }
        catch (Exception exception) when (Peer.IsBroken(exception))
        {
        }
        finally
        {
            _peer.Close(CloseCode.Normal);
            asked.Writer.TryComplete();
            foreach (var session in _sessions.Values)
                session.Finish();
            EndOffers();
            await sending;
            await answering;
            await Detach();
        }
    }

    public void Close(CloseCode code) => _peer.Close(code);

    public void Look() => _peer.Look();

    /// <summary>Tells the grain that the channel is open, and takes over what it says of the clients.</summary>
    public async Task Renew()
    {
        if (Interlocked.Exchange(ref _renewing, 1) == 1)
            return;
        try
        {
            if (!await _requests.MayGoOn(_peer))
                return;
            var known = _sessions.Values.ToArray();
            var view = await Grain.AttachNode(_link);
            if (view.Replaced)
            {
                _peer.Close(CloseCode.Replaced);
                return;
            }

            _link = _link with { Number = view.Number };
            foreach (var client in view.Clients)
                Add(client);
            foreach (var client in view.Lost)
                Lose(client);
            if (!view.Complete)
                return;
            var there = view.Clients.Select(client => client.ConnectionId).ToHashSet(StringComparer.Ordinal);
            foreach (var session in known.Where(session => !there.Contains(session.Client.ConnectionId)))
                Lose(session.Client);
        }
        catch (Exception exception)
        {
            _gateway.LogGrainFailed(NodeId, exception);
        }
        finally
        {
            Interlocked.Exchange(ref _renewing, 0);
        }
    }

    // What others tell the node

    public async Task<bool> ToNode(string sessionId, string connectionId, Parcel parcel)
    {
        Task<bool> sent;
        lock (_telling)
        {
            if (_peer.IsClosing || !_sessions.TryGetValue(sessionId, out var session) || session.Client.ConnectionId != connectionId
                || !session.Take(parcel, out var message))
                return false;
            if (message is null)
                return true;
            var written = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_peer.Send(NodeMessages.Wrap(sessionId, message, written)))
                return false;
            sent = written.Task;
        }

        return await sent;
    }

    public void Add(ClientLink client)
    {
        lock (_telling)
        {
            if (_sessions.TryGetValue(client.SessionId, out var known))
            {
                if (known.Client.ConnectionId == client.ConnectionId)
                    return;
                Remove(known.Client, clean: false);
            }

            _sessions[client.SessionId] = new(_gateway, ChannelId, client, _options.QueueLength, _time);
            _peer.Send(NodeMessages.ClientConnected(client));
        }

        if (_link.Number > 0)
            _ = _gateway.Tell(_gateway.At(client).NodeIsAt(client.ConnectionId, _link));
    }

    /// <summary>Also for one that was never announced here: the node may know it from an earlier channel.</summary>
    public void Remove(string sessionId, string connectionId, bool clean)
    {
        lock (_telling)
        {
            if (_sessions.TryGetValue(sessionId, out var known) && known.Client.ConnectionId == connectionId)
            {
                _sessions.TryRemove(sessionId, out _);
                known.End();
            }

            _peer.Send(NodeMessages.ClientDisconnected(sessionId, connectionId, clean));
        }
    }

    public void SessionEnded(string sessionId, string reason) => _peer.Send(NodeMessages.Drop(sessionId, reason));

    void Remove(ClientLink client, bool clean) => Remove(client.SessionId, client.ConnectionId, clean);

    /// <summary>Its front end is heard of no more, so this one says for it that the connection is lost.</summary>
    void Lose(ClientLink client)
    {
        Remove(client, clean: false);
        _gateway.Report(NodeId, client.SessionId, client.ConnectionId, clean: false);
    }

    // What the node says

    async Task ReceiveAll(ChannelWriter<Asked> asked)
    {
        var reader = _gateway.Reader(_peer, NodeRequest.Heartbeat);
        while (await reader.Read() is { } message)
        {
            if (_rate.Take() is var early && early > TimeSpan.Zero)
            {
                _peer.Pause(true);
                await Task.Delay(early, _time);
                _peer.Pause(false);
            }

            switch (message.Head)
            {
                case { Type: null, SessionId: { } sessionId, MessageLength: > 0 }:
                    Relay(sessionId, message);
                    break;
                case { Type: NodeRequest.ViewerAnswer or NodeRequest.ViewerRefused or NodeRequest.ViewerGone }:
                    HearOfViewer(NodeRequest.Read(message));
                    break;
                case { Type: NodeRequest.Heartbeat or NodeRequest.Connected or NodeRequest.Disconnected or NodeRequest.Broadcast }:
                    await asked.WriteAsync(new(NodeRequest.Read(message), message.Turn));
                    break;
                case { Type: null }:
                    throw new PeerFault(CloseCode.Malformed);
            }
        }
    }

    void Relay(string sessionId, Incoming message)
    {
        var inner = message.Parts[0].AsSpan(message.Head.MessageStart, message.Head.MessageLength).ToArray();
        if (!MessageJson.TryRead(new(inner), out var head) || head.Type is null)
            throw new PeerFault(CloseCode.Malformed);
        if (!ClientMessages.GoesToClient(head.Type) || !_sessions.TryGetValue(sessionId, out var session)
            || message.Head.ConnectionId is { } meant && meant != session.Client.ConnectionId)
            return;
        if (!session.ToClient(inner))
            _ = _gateway.Tell(_gateway.At(session.Client).EndClient(session.Client.ConnectionId, ClientMessages.StreamerDisconnected));
    }

    async Task AnswerAll(ChannelReader<Asked> asked)
    {
        await foreach (var (request, turn) in asked.ReadAllAsync())
        {
            using (turn)
            {
                var client = Announced(request);
                if (await _requests.Answer(request, isAnnounced: client is not null) is { } answer)
                    _peer.Send(answer);
                // The media has ended: so does the socket it was agreed on.
                if (client is not null && request.Type == NodeRequest.Disconnected)
                    _ = _gateway.Tell(_gateway.At(client).EndClient(client.ConnectionId, ClientMessages.StreamerDisconnected));
            }
        }
    }

    /// <summary>The client that the request is about, where this gateway itself has told the node of its connection.</summary>
    ClientLink? Announced(NodeRequest request) =>
        request.SessionId is { } id && _sessions.TryGetValue(id, out var session) && session.Client.ConnectionId == request.ConnectionId
            ? session.Client
            : null;

    async Task Detach()
    {
        try
        {
            await Grain.DetachNode(ChannelId);
        }
        catch (Exception exception)
        {
            _gateway.LogGrainFailed(NodeId, exception);
        }
    }

    /// <param name="Turn">Of a large one: held until it is answered.</param>
    readonly record struct Asked(NodeRequest Request, IDisposable? Turn);

    [LoggerMessage(1102, LogLevel.Information, "The channel of node {NodeId} is cut: {Code}")]
    static partial void LogRefused(ILogger logger, string nodeId, CloseCode code);
}
