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
    readonly Gateway gateway;
    readonly Peer peer;
    readonly NodeRequests requests;
    readonly GatewayOptions options;
    readonly TimeProvider time;
    readonly ILogger logger;
    readonly MessageRate rate;
    readonly ConcurrentDictionary<string, NodeSession> sessions = new(StringComparer.Ordinal);

    /// <summary>What the node is told of a session's connections, and their messages, stay in one order.</summary>
    readonly Lock telling = new();
    ChannelLink link;
    int renewing;

    public NodeChannel(
        Gateway gateway, Peer peer, string nodeId, ChannelLink link, NodeRequests requests, GatewayOptions options, TimeProvider time, ILogger logger)
    {
        (this.gateway, this.peer, NodeId, this.link, this.requests, this.options, this.time, this.logger) =
            (gateway, peer, nodeId, link, requests, options, time, logger);
        rate = new(options.NodeMessagesPerSecond, options.NodeMessagesPerSecond, time);
    }

    public string NodeId { get; }

    public string ChannelId => link.ChannelId;

    public bool IsOpen => !peer.IsClosing;

    IChannelGrain Grain => gateway.Channel(NodeId);

    /// <summary>Until the channel has closed.</summary>
    public async Task Run()
    {
        var sending = peer.SendAll();
        var asked = Channel.CreateBounded<Asked>(
            new BoundedChannelOptions(options.QueueLength) { SingleReader = true, SingleWriter = true });
        var answering = AnswerAll(asked.Reader);
        try
        {
            await Renew();
            await ReceiveAll(asked.Writer);
        }
        catch (PeerFault fault)
        {
            LogRefused(logger, NodeId, fault.Code);
            peer.Close(fault.Code);
            await peer.Drain();
        }
        catch (Exception exception) when (Peer.IsBroken(exception))
        {
        }
        finally
        {
            peer.Close(CloseCode.Normal);
            asked.Writer.TryComplete();
            foreach (var session in sessions.Values)
                session.Finish();
            EndOffers();
            await sending;
            await answering;
            await Detach();
        }
    }

    public void Close(CloseCode code) => peer.Close(code);

    public void Look() => peer.Look();

    /// <summary>Tells the grain that the channel is open, and takes over what it says of the clients.</summary>
    public async Task Renew()
    {
        if (Interlocked.Exchange(ref renewing, 1) == 1)
            return;
        try
        {
            if (!await requests.MayGoOn(peer))
                return;
            var known = sessions.Values.ToArray();
            var view = await Grain.AttachNode(link);
            if (view.Replaced)
            {
                peer.Close(CloseCode.Replaced);
                return;
            }

            link = link with { Number = view.Number };
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
            gateway.LogGrainFailed(NodeId, exception);
        }
        finally
        {
            Interlocked.Exchange(ref renewing, 0);
        }
    }

    // What others tell the node

    public async Task<bool> ToNode(string sessionId, string connectionId, Parcel parcel)
    {
        Task<bool> sent;
        lock (telling)
        {
            if (peer.IsClosing || !sessions.TryGetValue(sessionId, out var session) || session.Client.ConnectionId != connectionId
                || !session.Take(parcel, out var message))
                return false;
            if (message is null)
                return true;
            var written = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!peer.Send(NodeMessages.Wrap(sessionId, message, written)))
                return false;
            sent = written.Task;
        }

        return await sent;
    }

    public void Add(ClientLink client)
    {
        lock (telling)
        {
            if (sessions.TryGetValue(client.SessionId, out var known))
            {
                if (known.Client.ConnectionId == client.ConnectionId)
                    return;
                Remove(known.Client, clean: false);
            }

            sessions[client.SessionId] = new(gateway, ChannelId, client, options.QueueLength, time);
            peer.Send(NodeMessages.ClientConnected(client));
        }

        if (link.Number > 0)
            _ = gateway.Tell(gateway.At(client).NodeIsAt(client.ConnectionId, link));
    }

    /// <summary>Also for one that was never announced here: the node may know it from an earlier channel.</summary>
    public void Remove(string sessionId, string connectionId, bool clean)
    {
        lock (telling)
        {
            if (sessions.TryGetValue(sessionId, out var known) && known.Client.ConnectionId == connectionId)
            {
                sessions.TryRemove(sessionId, out _);
                known.End();
            }

            peer.Send(NodeMessages.ClientDisconnected(sessionId, connectionId, clean));
        }
    }

    public void SessionEnded(string sessionId, string reason) => peer.Send(NodeMessages.Drop(sessionId, reason));

    void Remove(ClientLink client, bool clean) => Remove(client.SessionId, client.ConnectionId, clean);

    /// <summary>Its front end is heard of no more, so this one says for it that the connection is lost.</summary>
    void Lose(ClientLink client)
    {
        Remove(client, clean: false);
        gateway.Report(NodeId, client.SessionId, client.ConnectionId, clean: false);
    }

    // What the node says

    async Task ReceiveAll(ChannelWriter<Asked> asked)
    {
        var reader = gateway.Reader(peer, NodeRequest.Heartbeat);
        while (await reader.Read() is { } message)
        {
            if (rate.Take() is var early && early > TimeSpan.Zero)
            {
                peer.Pause(true);
                await Task.Delay(early, time);
                peer.Pause(false);
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
        if (!ClientMessages.GoesToClient(head.Type) || !sessions.TryGetValue(sessionId, out var session)
            || message.Head.ConnectionId is { } meant && meant != session.Client.ConnectionId)
            return;
        if (!session.ToClient(inner))
            _ = gateway.Tell(gateway.At(session.Client).EndClient(session.Client.ConnectionId, ClientMessages.StreamerDisconnected));
    }

    async Task AnswerAll(ChannelReader<Asked> asked)
    {
        await foreach (var (request, turn) in asked.ReadAllAsync())
        {
            using (turn)
            {
                var client = Announced(request);
                if (await requests.Answer(request, isAnnounced: client is not null) is { } answer)
                    peer.Send(answer);
                // The media has ended: so does the socket it was agreed on.
                if (client is not null && request.Type == NodeRequest.Disconnected)
                    _ = gateway.Tell(gateway.At(client).EndClient(client.ConnectionId, ClientMessages.StreamerDisconnected));
            }
        }
    }

    /// <summary>The client that the request is about, where this gateway itself has told the node of its connection.</summary>
    ClientLink? Announced(NodeRequest request) =>
        request.SessionId is { } id && sessions.TryGetValue(id, out var session) && session.Client.ConnectionId == request.ConnectionId
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
            gateway.LogGrainFailed(NodeId, exception);
        }
    }

    /// <param name="Turn">Of a large one: held until it is answered.</param>
    readonly record struct Asked(NodeRequest Request, IDisposable? Turn);

    [LoggerMessage(1102, LogLevel.Information, "The channel of node {NodeId} is cut: {Code}")]
    static partial void LogRefused(ILogger logger, string nodeId, CloseCode code);
}
