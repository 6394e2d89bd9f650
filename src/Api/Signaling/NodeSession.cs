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

    readonly Gateway _gateway;
    readonly string _channelId;
    readonly TimeProvider _time;
    readonly Channel<byte[]> _toClient;

    /// <summary>The large message that is arriving.</summary>
    readonly List<byte[]> _parts = [];
    readonly Lock _arriving = new();
    long _arrived;
    volatile bool _ended;

    public NodeSession(Gateway gateway, string channelId, ClientLink client, int queueLength, TimeProvider time)
    {
        (_gateway, _channelId, Client, _time) = (gateway, channelId, client, time);
        _toClient = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(queueLength) { SingleReader = true, SingleWriter = true });
        _ = Relay();
    }

    public ClientLink Client { get; }

    /// <summary>False: too many wait.</summary>
    public bool ToClient(byte[] message) => _toClient.Writer.TryWrite(message);

    /// <summary>The channel has closed: what has come by it still goes to the client.</summary>
    public void Finish() => _toClient.Writer.TryComplete();

    /// <summary>The client is gone.</summary>
    public void End()
    {
        _ended = true;
        _toClient.Writer.TryComplete();
    }

    /// <summary>Takes a part of a message for the node.</summary>
    /// <param name="whole">All of its parts, once the last has come.</param>
    /// <returns>False: it doesn't begin at its beginning, which went to another channel.</returns>
    public bool Take(Parcel parcel, out byte[][]? whole)
    {
        whole = null;
        lock (_arriving)
        {
            if (parcel.Message <= _arrived)
                return true;
            if (parcel.Part == 0)
                _parts.Clear();
            if (parcel.Part > _parts.Count)
                return false;
            if (parcel.Part == _parts.Count)
                _parts.Add(parcel.Bytes);
            if (!parcel.IsLast)
                return true;
            whole = [.. _parts];
            _parts.Clear();
            _arrived = parcel.Message;
            return true;
        }
    }

    async Task Relay()
    {
        var number = 0L;
        await foreach (var message in _toClient.Reader.ReadAllAsync())
        {
            number++;
            for (var tries = 1; !_ended && tries <= Tries && !await Deliver(new Parcel(number, 0, IsLast: true, message)); tries++)
                await Task.Delay(Pause, _time);
        }
    }

    /// <returns>False: to be tried again. Who is gone for good is found missing among the node's clients soon.</returns>
    async Task<bool> Deliver(Parcel parcel)
    {
        try
        {
            if (!await _gateway.At(Client).ToClient(Client.ConnectionId, _channelId, parcel).WaitAsync(Patience, _time))
                End();
            return true;
        }
        catch (Exception exception)
        {
            _gateway.LogRelayFailed(Client.SessionId, exception);
            return false;
        }
    }
}
