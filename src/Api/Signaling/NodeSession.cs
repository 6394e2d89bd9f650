using System.Threading.Channels;
using SessionManager.Api.Signaling.Sockets;
using SessionManager.Signaling;

namespace SessionManager.Api.Signaling;

/// <summary>One client of a node, as the front end with the node's channel sees it: the way of messages in both directions.</summary>
sealed class NodeSession
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>Long before the last the client's front end is given up for dead, and the client with it.</summary>
    const int Tries = 60;

    readonly Gateway gateway;
    readonly string channelId;
    readonly TimeProvider time;
    readonly Channel<byte[]> toClient;

    /// <summary>The large message that is arriving.</summary>
    readonly List<byte[]> parts = [];
    readonly Lock arriving = new();
    long arrived;
    volatile bool ended;

    public NodeSession(Gateway gateway, string channelId, ClientLink client, int queueLength, TimeProvider time)
    {
        (this.gateway, this.channelId, Client, this.time) = (gateway, channelId, client, time);
        toClient = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(queueLength) { SingleReader = true, SingleWriter = true });
        _ = Relay();
    }

    public ClientLink Client { get; }

    /// <summary>False: too many wait.</summary>
    public bool ToClient(byte[] message) => toClient.Writer.TryWrite(message);

    /// <summary>The channel has closed: what has come by it still goes to the client.</summary>
    public void Finish() => toClient.Writer.TryComplete();

    /// <summary>The client is gone.</summary>
    public void End()
    {
        ended = true;
        toClient.Writer.TryComplete();
    }

    /// <summary>Takes a part of a message for the node.</summary>
    /// <param name="whole">All of its parts, once the last has come.</param>
    /// <returns>False: it doesn't begin at its beginning, which went to another channel.</returns>
    public bool Take(Parcel parcel, out byte[][]? whole)
    {
        whole = null;
        lock (arriving)
        {
            if (parcel.Message <= arrived)
                return true;
            if (parcel.Part == 0)
                parts.Clear();
            if (parcel.Part > parts.Count)
                return false;
            if (parcel.Part == parts.Count)
                parts.Add(parcel.Bytes);
            if (!parcel.IsLast)
                return true;
            whole = [.. parts];
            parts.Clear();
            arrived = parcel.Message;
            return true;
        }
    }

    async Task Relay()
    {
        var number = 0L;
        await foreach (var message in toClient.Reader.ReadAllAsync())
        {
            number++;
            for (var tries = 1; !ended && tries <= Tries && !await Deliver(new Parcel(number, 0, IsLast: true, message)); tries++)
                await Task.Delay(Pause, time);
        }
    }

    /// <returns>False: to be tried again. Who is gone for good is found missing among the node's clients soon.</returns>
    async Task<bool> Deliver(Parcel parcel)
    {
        try
        {
            if (!await gateway.At(Client).ToClient(Client.ConnectionId, channelId, parcel).WaitAsync(Patience, time))
                End();
            return true;
        }
        catch (Exception exception)
        {
            gateway.LogRelayFailed(Client.SessionId, exception);
            return false;
        }
    }
}
