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
    readonly Gateway gateway;
    readonly Peer peer;
    readonly GatewayOptions options;
    readonly TimeProvider time;
    readonly ILogger logger;
    readonly Channel<Incoming> toNode;
    readonly MessageRate rate;
    readonly long connectedAt;
    readonly Lock state = new();

    ChannelLink? channel;
    TaskCompletionSource<ChannelLink> channelComes = new(TaskCreationOptions.RunContinuationsAsynchronously);
    bool clean;
    string? receivedFrom;
    long received;

    public ClientSocket(Gateway gateway, Peer peer, string nodeId, ClientLink link, GatewayOptions options, TimeProvider time, ILogger logger)
    {
        (this.gateway, this.peer, NodeId, Link, this.options, this.time, this.logger) = (gateway, peer, nodeId, link, options, time, logger);
        toNode = Channel.CreateBounded<Incoming>(new BoundedChannelOptions(options.QueueLength) { SingleReader = true, SingleWriter = true });
        rate = new(options.MessageBurst, options.MessagesPerSecond, time);
        connectedAt = time.GetTimestamp();
    }

    public string NodeId { get; }

    public ClientLink Link { get; private set; }

    /// <summary>Whether it is still to be told to its node's grain that it is here.</summary>
    public bool IsOpen => !peer.IsClosing;

    IChannelGrain Grain => gateway.Channel(NodeId);

    /// <summary>Until the connection has ended and everyone has been told.</summary>
    public async Task Run()
    {
        var sending = peer.SendAll();
        var relaying = Relay();
        // What comes is read meanwhile: whoever asks whether it is alive must not wait for a front end that isn't.
        var attaching = Attach();
        try
        {
            await ReceiveAll();
        }
        catch (PeerFault fault)
        {
            LogRefused(logger, Link.SessionId, fault.Code);
            peer.Close(fault.Code);
            await peer.Drain();
        }
        catch (Exception exception) when (Peer.IsBroken(exception))
        {
        }
        finally
        {
            peer.Close(CloseCode.Normal);
            toNode.Writer.TryComplete();
            gateway.Report(NodeId, Link.SessionId, Link.ConnectionId, clean);
            // What the client has sent before it left reaches the node before the news that it has left.
            await relaying;
            await attaching;
            await Detach();
            await sending;
        }
    }

    public Task<bool> IsAlive() => peer.IsAlive();

    /// <summary>A message from the node.</summary>
    /// <returns>False: the client is gone.</returns>
    public bool ToClient(string channelId, Parcel parcel)
    {
        string? type;
        lock (state)
        {
            // Each channel counts for itself.
            if (channelId != receivedFrom)
                (receivedFrom, received) = (channelId, 0);
            if (parcel.Message <= received)
                return true;
            if (peer.IsClosing)
                return false;
            received = parcel.Message;
            type = MessageJson.TryRead(new(parcel.Bytes), out var head) ? head.Type : null;
            if (!peer.Send(new(parcel.Bytes)))
                return false;
        }

        if (type == ClientMessages.Offer && !Link.Offered)
        {
            Link = Link with { Offered = true };
            // Not only at the next renewal: a node that restarts asks who is there at once.
            _ = gateway.Tell(Grain.RenewClients([Link]));
        }

        if (type == ClientMessages.Error)
            peer.Close(CloseCode.Normal);
        return true;
    }

    public void NodeIsAt(ChannelLink link)
    {
        lock (state)
        {
            if (channel is { } known && known.Number >= link.Number)
                return;
            channel = link;
            channelComes.TrySetResult(link);
        }
    }

    /// <summary>Says why and closes.</summary>
    public void End(string reason)
    {
        if (peer.IsClosing)
            return;
        peer.Send(new(ClientMessages.ErrorOf(reason)));
        peer.Close(CloseCode.Normal);
    }

    public void Close(CloseCode code) => peer.Close(code);

    /// <summary>Every second.</summary>
    public void Look()
    {
        peer.Look();
        if (!Link.Offered && !peer.IsClosing && time.GetElapsedTime(connectedAt) >= TimeSpan.FromSeconds(options.OfferSeconds))
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
            gateway.LogGrainFailed(NodeId, exception);
        }
    }

    async Task Detach()
    {
        try
        {
            await Grain.DetachClient(Link.SessionId, Link.ConnectionId, clean);
        }
        catch (Exception exception)
        {
            // It is not renewed any more, and so it is missed before long.
            gateway.LogGrainFailed(NodeId, exception);
        }
    }

    async Task ReceiveAll()
    {
        var reader = gateway.Reader(peer, ClientMessages.StreamStart);
        while (await reader.Read() is { } message)
        {
            // After an error, and after its own farewell, a client's words count for nothing.
            if (peer.IsClosing)
            {
                message.Turn?.Dispose();
                continue;
            }

            if (rate.Take() > TimeSpan.Zero)
                throw new PeerFault(CloseCode.Refused);
            if (message.Head.Type is null)
                throw new PeerFault(CloseCode.Malformed);
            if (message.Head.Type == ClientMessages.Disconnecting)
            {
                clean = true;
                peer.Close(CloseCode.Normal);
            }
            else if (ClientMessages.GoesToNode(message.Head.Type) && !toNode.Writer.TryWrite(message))
            {
                message.Turn?.Dispose();
                throw new PeerFault(CloseCode.Refused);
            }
        }
    }

    [LoggerMessage(1101, LogLevel.Information, "The client of session {SessionId} is cut: {Code}")]
    static partial void LogRefused(ILogger logger, string sessionId, CloseCode code);
}
