using System.Collections.Immutable;

namespace SessionManager.Signaling;

/// <summary>What <see cref="ChannelGrain"/> knows: pure, and told the time (of a clock nobody sets) with every call.</summary>
public sealed class ChannelRegistry(TimeSpan born)
{
    readonly Dictionary<string, Entry> _clients = new(StringComparer.Ordinal);
    readonly Dictionary<string, Ending> _ended = new(StringComparer.Ordinal);

    public ChannelLink? Channel { get; private set; }

    /// <summary>Whether every client there is has had the time to be renewed since this registry began with nothing.</summary>
    public bool IsComplete(TimeSpan now) => now - born >= IChannelGrain.Patience;

    /// <param name="today">
    /// Numbers new channels, so that they go on counting in a registry that has begun with nothing.
    /// </param>
    /// <returns>What to answer, and the channel that was replaced by it.</returns>
    public (ChannelView View, ChannelLink? Replaced) AttachNode(ChannelLink channel, TimeSpan now, DateTimeOffset today)
    {
        // A new channel is the latest. A renewed one may find a later one, where this registry was activated between the two.
        if (channel.Number == 0)
            channel = channel with { Number = Math.Max((Channel?.Number ?? 0) + 1, today.ToUnixTimeMilliseconds()) };
        else if (Channel is { } current && current.ChannelId != channel.ChannelId && current.Number >= channel.Number)
            return (new ChannelView(channel.Number, Replaced: true, [], [], Complete: false), null);

        var replaced = Channel?.ChannelId == channel.ChannelId ? null : Channel;
        Channel = channel;
        Forget(now);
        var lost = _clients.Values.Where(client => IsLost(client, now)).Select(client => client.Link).ToImmutableArray();
        foreach (var client in lost)
            _clients.Remove(client.SessionId);
        return (new ChannelView(channel.Number, Replaced: false, [.. _clients.Values.Select(client => client.Link)], lost, IsComplete(now)), replaced);
    }

    public void DetachNode(string channelId)
    {
        if (Channel?.ChannelId == channelId)
            Channel = null;
    }

    /// <returns>Why the session has ended, where it has meanwhile.</returns>
    public string? AttachClient(ClientLink client, TimeSpan now)
    {
        Forget(now);
        _clients[client.SessionId] = new(client, now);
        return Ended(client.SessionId);
    }

    /// <returns>Whether it is the session's client, or its place has been taken by another; and why its session has ended, where it has.</returns>
    public (bool IsCurrent, string? Ended) RenewClient(ClientLink client, TimeSpan now)
    {
        if (_clients.TryGetValue(client.SessionId, out var known) && known.Link.ConnectionId != client.ConnectionId)
            return (false, null);
        _clients[client.SessionId] = new(client, now);
        return (true, Ended(client.SessionId));
    }

    public void DetachClient(string sessionId, string connectionId)
    {
        if (_clients.TryGetValue(sessionId, out var known) && known.Link.ConnectionId == connectionId)
            _clients.Remove(sessionId);
    }

    /// <summary>null: none is known to be attached.</summary>
    public ClientLink? FindClient(string sessionId) => _clients.GetValueOrDefault(sessionId)?.Link;

    /// <returns>The client to be told.</returns>
    public ClientLink? EndSession(string sessionId, string reason, TimeSpan now)
    {
        Forget(now);
        // One that moved away may come back; a dropped one doesn't.
        if (reason != IChannelGrain.Moved)
            _ended[sessionId] = new(reason, now);
        return _clients.Remove(sessionId, out var client) ? client.Link : null;
    }

    string? Ended(string sessionId) => _ended.GetValueOrDefault(sessionId)?.Reason;

    /// <summary>Forgets sessions that ended so long ago that no client can still be attaching to them.</summary>
    void Forget(TimeSpan now)
    {
        foreach (var (sessionId, ending) in _ended)
        {
            if (now - ending.At >= IChannelGrain.Patience)
                _ended.Remove(sessionId);
        }
    }

    static bool IsLost(Entry client, TimeSpan now) => now - client.HeardAt >= IChannelGrain.Patience;

    sealed record Entry(ClientLink Link, TimeSpan HeardAt);

    sealed record Ending(string Reason, TimeSpan At);
}
