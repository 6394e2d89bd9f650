using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;

namespace SessionManager.Signaling;

/// <summary>Hosts <see cref="ChannelRegistry"/> and tells front ends what has changed, without waiting for their answer.</summary>
[GrainType("channel")]
[Reentrant]
public sealed partial class ChannelGrain(TimeProvider time, ILogger<ChannelGrain> logger) : Grain, IChannelGrain
{
    /// <summary>How long a client waits for the node's front end, which may have died.</summary>
    static readonly TimeSpan AttachWait = TimeSpan.FromSeconds(2);

    readonly long _start = time.GetTimestamp();
    readonly ChannelRegistry _registry = new(TimeSpan.Zero);

    string NodeId => this.GetPrimaryKeyString();

    TimeSpan Now => time.GetElapsedTime(_start);

    public Task<ChannelView> AttachNode(ChannelLink channel)
    {
        var (view, replaced) = _registry.AttachNode(channel, Now, time.GetUtcNow());
        if (replaced is not null)
            Tell(replaced.FrontEnd.ChannelReplaced(replaced.ChannelId));
        return Task.FromResult(view);
    }

    public Task DetachNode(string channelId)
    {
        _registry.DetachNode(channelId);
        return Task.CompletedTask;
    }

    public async Task<ChannelLink?> AttachClient(ClientLink client)
    {
        if (_registry.AttachClient(client, Now) is { } reason)
            Tell(client.FrontEnd.EndClient(client.ConnectionId, reason));
        // Before the client may send anything: the node must know of it first. A channel that does not answer is asked after again
        // by the client, or finds it in its next view.
        if (_registry.Channel is { } channel)
            await Try(channel.FrontEnd.ClientAttached(channel.ChannelId, client).WaitAsync(AttachWait, time));
        return _registry.Channel;
    }

    public Task<ChannelLink?> RenewClients(ImmutableArray<ClientLink> clients)
    {
        foreach (var client in clients)
        {
            var (isCurrent, reason) = _registry.RenewClient(client, Now);
            if (!isCurrent || reason is not null)
                Tell(client.FrontEnd.EndClient(client.ConnectionId, reason));
        }

        return Task.FromResult(_registry.Channel);
    }

    public Task DetachClient(string sessionId, string connectionId, bool clean)
    {
        _registry.DetachClient(sessionId, connectionId);
        if (_registry.Channel is { } channel)
            Tell(channel.FrontEnd.ClientDetached(channel.ChannelId, sessionId, connectionId, clean));
        return Task.CompletedTask;
    }

    public Task<ClientSighting> FindClient(string sessionId) =>
        Task.FromResult(new ClientSighting(_registry.FindClient(sessionId), _registry.IsComplete(Now)));

    public Task SessionEnded(string sessionId, string reason)
    {
        var client = _registry.EndSession(sessionId, reason, Now);
        // The node first: it says on its own channel why, which clients understand better.
        if (_registry.Channel is { } channel)
            Tell(channel.FrontEnd.SessionEnded(channel.ChannelId, sessionId, reason));
        if (client is not null)
            Tell(client.FrontEnd.EndClient(client.ConnectionId, reason));
        return Task.CompletedTask;
    }

    public Task<ChannelLink?> FindChannel() => Task.FromResult(_registry.Channel);

    public Task EndViewers(ImmutableArray<string> viewerIds, string reason)
    {
        if (_registry.Channel is { } channel && !viewerIds.IsEmpty)
            Tell(channel.FrontEnd.EndViewers(channel.ChannelId, viewerIds, reason));
        return Task.CompletedTask;
    }

    public Task BroadcastEnded(string broadcastId, string sessionId, ImmutableArray<string> viewerIds)
    {
        if (_registry.Channel is { } channel)
            Tell(channel.FrontEnd.BroadcastEnded(channel.ChannelId, broadcastId, sessionId, viewerIds));
        return Task.CompletedTask;
    }

    void Tell(Task telling) => _ = Try(telling);

    async Task Try(Task telling)
    {
        try
        {
            await telling;
        }
        catch (Exception exception)
        {
            LogNotTold(NodeId, exception);
        }
    }

    [LoggerMessage(701, LogLevel.Warning, "A front end did not hear news of the channel of node {NodeId}.")]
    partial void LogNotTold(string nodeId, Exception exception);
}
