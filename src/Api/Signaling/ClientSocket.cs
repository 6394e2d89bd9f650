using System.Threading.Channels;
using Orleans;
using SessionManager.Api.Signaling.Sockets;
using SessionManager.Signaling;

namespace SessionManager.Api.Signaling;

/// <summary>
/// One client's socket, from the connect its session has accepted to the end of the connection. What the client sends waits in
/// order for the node's channel, wherever that is; what the node sends is handed to <see cref="ToClient"/>.
/// </summary>
sealed partial class ClientSocket
{
    readonly Gateway _gateway;
    readonly Peer _peer;
    readonly GatewayOptions _options;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly Channel<Incoming> _toNode;
    readonly MessageRate _rate;
    readonly long _connectedAt;
    readonly Lock _state = new();

    ChannelLink? _channel;
    TaskCompletionSource<ChannelLink> _channelComes = new(TaskCreationOptions.RunContinuationsAsynchronously);
    bool _clean;
    string? _receivedFrom;
    long _received;

    public ClientSocket(Gateway gateway, Peer peer, string nodeId, ClientLink link, GatewayOptions options, TimeProvider time, ILogger logger)
    {
        (_gateway, _peer, NodeId, Link, _options, _time, _logger) = (gateway, peer, nodeId, link, options, time, logger);
        _toNode = Channel.CreateBounded<Incoming>(new BoundedChannelOptions(options.QueueLength) { SingleReader = true, SingleWriter = true });
        _rate = new(options.MessageBurst, options.MessagesPerSecond, time);
        _connectedAt = time.GetTimestamp();
    }

    public string NodeId { get; }

    public ClientLink Link { get; private set; }

    /// <summary>Whether it is still to be told to its node's grain that it is here.</summary>
    public bool IsOpen => !_peer.IsClosing;

    IChannelGrain Grain => _gateway.Channel(NodeId);

    /// <summary>Until the connection has ended and everyone has been told.</summary>
    public async Task Run()
    {
        var sending = _peer.SendAll();
        var relaying = Relay();
        // What comes is read meanwhile: whoever asks whether it is alive must not wait for a front end that isn't.
        var attaching = Attach();
        try
        {
            await ReceiveAll();
        }
        catch (PeerFault fault)
        {
            LogRefused(_logger, Link.SessionId, fault.Code);
            _peer.Close(fault.Code);
            await _peer.Drain();
        }
        catch (Exception exception) when (Peer.IsBroken(exception))
        {
        }
        finally
        {
            _peer.Close(CloseCode.Normal);
            _toNode.Writer.TryComplete();
            _gateway.Report(NodeId, Link.SessionId, Link.ConnectionId, _clean);
            // What the client has sent before it left reaches the node before the news that it has left.
            await relaying;
            await attaching;
            await Detach();
            await sending;
        }
    }

    public Task<bool> IsAlive() => _peer.IsAlive();

    /// <summary>A message from the node.</summary>
    /// <returns>False: the client is gone.</returns>
    public bool ToClient(string channelId, Parcel parcel)
    {
        string? type;
        lock (_state)
        {
            // Each channel counts for itself.
            if (channelId != _receivedFrom)
                (_receivedFrom, _received) = (channelId, 0);
            if (parcel.Message <= _received)
                return true;
            if (_peer.IsClosing)
                return false;
            _received = parcel.Message;
            type = MessageJson.TryRead(new(parcel.Bytes), out var head) ? head.Type : null;
            if (!_peer.Send(new(parcel.Bytes)))
                return false;
        }

        if (type == ClientMessages.Offer && !Link.Offered)
        {
            Link = Link with { Offered = true };
            // Not only at the next renewal: a node that restarts asks who is there at once.
            _ = _gateway.Tell(Grain.RenewClients([Link]));
        }

        if (type == ClientMessages.Error)
            _peer.Close(CloseCode.Normal);
        return true;
    }

    public void NodeIsAt(ChannelLink link)
    {
        lock (_state)
        {
            if (_channel is { } known && known.Number >= link.Number)
                return;
            _channel = link;
            _channelComes.TrySetResult(link);
        }
    }

    /// <summary>Says why and closes.</summary>
    public void End(string reason)
    {
        if (_peer.IsClosing)
            return;
        _peer.Send(new(ClientMessages.ErrorOf(reason)));
        _peer.Close(CloseCode.Normal);
    }

    public void Close(CloseCode code) => _peer.Close(code);

    /// <summary>Every second.</summary>
    public void Look()
    {
        _peer.Look();
        if (!Link.Offered && !_peer.IsClosing && _time.GetElapsedTime(_connectedAt) >= TimeSpan.FromSeconds(_options.OfferSeconds))
            End(ClientMessages.StreamerNotAvailable);
    }

    /// <summary>Where the grain can't be reached, the next renewal tells it.</summary>
    async Task Attach()
    {
        try
        {
            if (await Grain.AttachClient(Link) is { } link)
                NodeIsAt(link);
        }
        catch (Exception exception)
        {
            _gateway.LogGrainFailed(NodeId, exception);
        }
    }

    async Task Detach()
    {
        try
        {
            await Grain.DetachClient(Link.SessionId, Link.ConnectionId, _clean);
        }
        catch (Exception exception)
        {
            // It is not renewed any more, and so it is missed before long.
            _gateway.LogGrainFailed(NodeId, exception);
        }
    }

    async Task ReceiveAll()
    {
        var reader = _gateway.Reader(_peer, ClientMessages.StreamStart);
        while (await reader.Read() is { } message)
        {
            // After an error, and after its own farewell, a client's words count for nothing.
            if (_peer.IsClosing)
            {
                message.Turn?.Dispose();
                continue;
            }

            if (_rate.Take() > TimeSpan.Zero)
                throw new PeerFault(CloseCode.Refused);
            if (message.Head.Type is null)
                throw new PeerFault(CloseCode.Malformed);
            if (message.Head.Type == ClientMessages.Disconnecting)
            {
                _clean = true;
                _peer.Close(CloseCode.Normal);
            }
            else if (ClientMessages.GoesToNode(message.Head.Type) && !_toNode.Writer.TryWrite(message))
            {
                message.Turn?.Dispose();
                throw new PeerFault(CloseCode.Refused);
            }
        }
    }

    [LoggerMessage(1101, LogLevel.Information, "The client of session {SessionId} is cut: {Code}")]
    static partial void LogRefused(ILogger logger, string sessionId, CloseCode code);
}
