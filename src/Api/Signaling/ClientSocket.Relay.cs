using SessionManager.Api.Signaling.Sockets;
using SessionManager.Signaling;

namespace SessionManager.Api.Signaling;

/// <summary>What the client sends, on its way to the node's channel: in order, and through whatever breaks that channel.</summary>
sealed partial class ClientSocket
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How long a message may be under way to the node's front end before it is sent again.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    async Task Relay()
    {
        var number = 0L;
        await foreach (var message in _toNode.Reader.ReadAllAsync())
        {
            number++;
            if (!await Deliver(message, number))
                break;
        }

        while (_toNode.Reader.TryRead(out var rest))
            rest.Turn?.Dispose();
    }

    /// <returns>False: nothing more goes to the node.</returns>
    async Task<bool> Deliver(Incoming message, long number)
    {
        var start = _time.GetTimestamp();
        try
        {
            while (await ChannelNow(start) is { } link)
            {
                // Where no answer came it may have arrived all the same. A channel knows a repeated message by its number; another
                // channel does not, and there the node hears it twice, which does less harm than not at all.
                if (await Deliver(message, number, link))
                    return true;
                if (_peer.IsClosing)
                    return false;
                await FindChannel(link);
            }

            End(ClientMessages.StreamerDisconnected);
            return false;
        }
        finally
        {
            message.Turn?.Dispose();
        }
    }

    /// <returns>Whether it is known to be written to the channel.</returns>
    async Task<bool> Deliver(Incoming message, long number, ChannelLink link)
    {
        for (var part = 0; part < message.Parts.Count; part++)
        {
            var parcel = new Parcel(number, part, part == message.Parts.Count - 1, message.Parts[part]);
            try
            {
                if (!await _gateway.At(link).ToNode(link.ChannelId, Link.SessionId, Link.ConnectionId, parcel).WaitAsync(Patience, _time))
                    return false;
            }
            catch (Exception exception)
            {
                _gateway.LogRelayFailed(NodeId, exception);
                return false;
            }
        }

        return true;
    }

    /// <returns>null: it has not come in the time a message may take, or the client has gone.</returns>
    async Task<ChannelLink?> ChannelNow(long start)
    {
        while (_time.GetElapsedTime(start) < TimeSpan.FromSeconds(_options.MessageSeconds))
        {
            Task<ChannelLink> coming;
            lock (_state)
            {
                if (_channel is { } link)
                    return link;
                if (_peer.IsClosing)
                    return null;
                coming = _channelComes.Task;
            }

            await Task.WhenAny(coming, Task.Delay(Pause, _time));
        }

        return null;
    }

    /// <summary>The channel has failed: asks where it is now, and gives it a moment where it is still said to be there.</summary>
    async Task FindChannel(ChannelLink failed)
    {
        await Attach();
        lock (_state)
        {
            if (_channel?.Number != failed.Number)
                return;
        }

        await Task.Delay(Pause, _time);
    }
}
