using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Api.Signaling.Sockets;
using SessionManager.Broadcasts;
using SessionManager.Errors;
using SessionManager.Randomness;
using SessionManager.Sessions;
using SessionManager.Signaling;

namespace SessionManager.Api.Signaling;

/// <summary>
/// This process's sockets, of clients and of nodes, and the way from one to the other: straight where both are here, else by the
/// other front end. It looks at every socket once a second and renews what it holds.
/// </summary>
sealed partial class Gateway(
    IGrainFactory grains, IOptions<GatewayOptions> options, IRandomSource random, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Gateway> logger)
    : BackgroundService, IFrontEnd
{
    const int IdBytes = 16;
    static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);
    static readonly TimeSpan ReportPause = TimeSpan.FromSeconds(1);

    /// <summary>After this long the session's node is asked after it, or the sweep.</summary>
    const int ReportTries = 30;

    readonly GatewayOptions _options = options.Value;
    readonly ImageGate _images = new(options.Value.Images);
    readonly ConcurrentDictionary<string, ClientSocket> _clients = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, NodeChannel> _channels = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<Task, bool> _reports = [];
    IFrontEnd? _self;

    public string Id => field ??= NewId("fe_");

    /// <summary>How others reach this process.</summary>
    IFrontEnd Self => LazyInitializer.EnsureInitialized(ref _self, () => grains.CreateObjectReference<IFrontEnd>(this));

    public string NewId(string prefix)
    {
        Span<byte> bytes = stackalloc byte[IdBytes];
        random.Fill(bytes);
        return prefix + Base32.Encode(bytes);
    }

    public IChannelGrain Channel(string nodeId) => grains.GetGrain<IChannelGrain>(nodeId);

    public IBroadcastGrain Broadcast(string broadcastId) => grains.GetGrain<IBroadcastGrain>(broadcastId);

    public IFrontEnd At(ClientLink client) => client.FrontEndId == Id ? this : client.FrontEnd;

    public IFrontEnd At(ChannelLink channel) => channel.FrontEndId == Id ? this : channel.FrontEnd;

    public MessageReader Reader(Peer peer, string large) => new(peer, large, _images, _options);

    /// <summary>Holds the client's socket until its end.</summary>
    public async Task Hold(HttpContext context, string nodeId, string sessionId, string connectionId)
    {
        var peer = await Accept(context, _options.QueueLength);
        var client = new ClientSocket(this, peer, nodeId, new ClientLink(sessionId, connectionId, Id, Self), _options, time, logger);
        _clients[connectionId] = client;
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            client.Close(CloseCode.Restart);
        try
        {
            await client.Run();
        }
        finally
        {
            peer.End();
            _clients.TryRemove(connectionId, out _);
        }
    }

    /// <summary>Holds the node's channel until its end.</summary>
    public async Task Hold(HttpContext context, string nodeId, NodeRequests requests)
    {
        var peer = await Accept(context, _options.NodeQueueLength);
        var channel = new NodeChannel(this, peer, nodeId, new ChannelLink(NewId("cha_"), 0, Id, Self), requests, _options, time, logger);
        _channels[channel.ChannelId] = channel;
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            channel.Close(CloseCode.Restart);
        try
        {
            await channel.Run();
        }
        finally
        {
            peer.End();
            _channels.TryRemove(channel.ChannelId, out _);
        }
    }

    /// <summary>Tells the session that its connection has ended, and goes on until it has heard.</summary>
    public void Report(string nodeId, string sessionId, string connectionId, bool clean)
    {
        var report = ReportUntilHeard(nodeId, sessionId, connectionId, clean);
        _reports[report] = true;
        _ = report.ContinueWith(done => _reports.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Whoever is told may be gone, and then hears nothing: no call of this process waits for that or fails with it.</summary>
    public async Task Tell(Task telling)
    {
        try
        {
            await telling;
        }
        catch (Exception exception)
        {
            LogNotTold(logger, exception);
        }
    }

    public void LogGrainFailed(string nodeId, Exception exception) => LogGrainFailed(logger, nodeId, exception);

    public void LogRelayFailed(string id, Exception exception) => LogRelayFailed(logger, id, exception);

    // What other front ends and the grains say

    public Task<bool> ToClient(string connectionId, string channelId, Parcel parcel) =>
        Task.FromResult(_clients.TryGetValue(connectionId, out var client) && client.ToClient(channelId, parcel));

    public Task NodeIsAt(string connectionId, ChannelLink channel)
    {
        if (_clients.TryGetValue(connectionId, out var client))
            client.NodeIsAt(channel);
        return Task.CompletedTask;
    }

    public Task EndClient(string connectionId, string? reason)
    {
        if (!_clients.TryGetValue(connectionId, out var client))
            return Task.CompletedTask;
        if (reason is null)
            client.Close(CloseCode.Replaced);
        else
            client.End(ClientMessages.ReasonFor(reason));
        return Task.CompletedTask;
    }

    public Task<bool> IsClientAlive(string connectionId) =>
        _clients.TryGetValue(connectionId, out var client) ? client.IsAlive() : Task.FromResult(false);

    public Task<bool> ToNode(string channelId, string sessionId, string connectionId, Parcel parcel) =>
        _channels.TryGetValue(channelId, out var channel) ? channel.ToNode(sessionId, connectionId, parcel) : Task.FromResult(false);

    public Task ClientAttached(string channelId, ClientLink client)
    {
        if (_channels.TryGetValue(channelId, out var channel))
            channel.Add(client);
        return Task.CompletedTask;
    }

    public Task ClientDetached(string channelId, string sessionId, string connectionId, bool clean)
    {
        if (_channels.TryGetValue(channelId, out var channel))
            channel.Remove(sessionId, connectionId, clean);
        return Task.CompletedTask;
    }

    public Task SessionEnded(string channelId, string sessionId, string reason)
    {
        if (_channels.TryGetValue(channelId, out var channel))
            channel.SessionEnded(sessionId, reason);
        return Task.CompletedTask;
    }

    public Task<Result<string>> OfferViewer(string channelId, ViewerOffer offer) => _channels.TryGetValue(channelId, out var channel)
        ? channel.OfferViewer(offer)
        : Task.FromResult<Result<string>>(new Refusal(ErrorCatalogue.StreamerNotAttached));

    public Task<bool> TrickleViewer(string channelId, string viewerId, string fragment) =>
        Task.FromResult(_channels.TryGetValue(channelId, out var channel) && channel.TrickleViewer(viewerId, fragment));

    public Task EndViewers(string channelId, ImmutableArray<string> viewerIds, string reason)
    {
        if (_channels.TryGetValue(channelId, out var channel))
            channel.EndViewers(viewerIds, reason);
        return Task.CompletedTask;
    }

    public Task BroadcastEnded(string channelId, string broadcastId, string sessionId, ImmutableArray<string> viewerIds)
    {
        if (_channels.TryGetValue(channelId, out var channel))
            channel.BroadcastEnded(broadcastId, sessionId, viewerIds);
        return Task.CompletedTask;
    }

    public Task ChannelReplaced(string channelId)
    {
        if (_channels.TryGetValue(channelId, out var channel))
            channel.Close(CloseCode.Replaced);
        return Task.CompletedTask;
    }

    // Looking after them

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = lifetime.ApplicationStopping.Register(CloseAll);
        using var beat = new PeriodicTimer(LookPeriod, time);
        var renewed = time.GetTimestamp();
        // Until the sockets that are being closed are closed as well: someone must cut those that don't answer.
        while (await beat.WaitForNextTickAsync(CancellationToken.None) && !(stoppingToken.IsCancellationRequested && _clients.IsEmpty && _channels.IsEmpty))
        {
            foreach (var client in _clients.Values)
                client.Look();
            foreach (var channel in _channels.Values)
                channel.Look();
            if (time.GetElapsedTime(renewed) < IChannelGrain.RenewPeriod)
                continue;
            renewed = time.GetTimestamp();
            _ = Renew();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_reports.Keys).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    void CloseAll()
    {
        foreach (var client in _clients.Values)
            client.Close(CloseCode.Restart);
        foreach (var channel in _channels.Values)
            channel.Close(CloseCode.Restart);
    }

    async Task Renew()
    {
        var nodes = _clients.Values.Where(client => client.IsOpen).GroupBy(client => client.NodeId, StringComparer.Ordinal);
        await Task.WhenAll(
            [.. _channels.Values.Where(channel => channel.IsOpen).Select(channel => channel.Renew()), .. nodes.Select(node => Renew(node.Key, [.. node]))]);
    }

    async Task Renew(string nodeId, ClientSocket[] sockets)
    {
        try
        {
            if (await Channel(nodeId).RenewClients([.. sockets.Select(socket => socket.Link)]) is { } channel)
            {
                foreach (var socket in sockets)
                    socket.NodeIsAt(channel);
            }
        }
        catch (Exception exception)
        {
            LogGrainFailed(nodeId, exception);
        }
    }

    async Task<Peer> Accept(HttpContext context, int queueLength)
    {
        var (socket, stream) = await WatchedUpgrade.Accept(context);
        return new Peer(context, socket, stream, queueLength, _options, time);
    }

    async Task ReportUntilHeard(string nodeId, string sessionId, string connectionId, bool clean)
    {
        for (var tries = 1; tries <= ReportTries; tries++)
        {
            try
            {
                await grains.GetGrain<ISessionGrain>(sessionId).Disconnected(nodeId, connectionId, clean);
                return;
            }
            catch (Exception exception)
            {
                LogNotReported(logger, sessionId, exception);
            }

            await Task.Delay(ReportPause, time);
        }
    }

    [LoggerMessage(1103, LogLevel.Warning, "The front end's news did not arrive.")]
    static partial void LogNotTold(ILogger logger, Exception exception);

    [LoggerMessage(1104, LogLevel.Warning, "The channel grain of node {NodeId} could not be asked; it is asked again soon.")]
    static partial void LogGrainFailed(ILogger logger, string nodeId, Exception exception);

    [LoggerMessage(1105, LogLevel.Warning, "A message of {Id} has not reached the other front end yet; it is sent again.")]
    static partial void LogRelayFailed(ILogger logger, string id, Exception exception);

    [LoggerMessage(1106, LogLevel.Warning, "Session {SessionId} has not heard yet that its connection ended.")]
    static partial void LogNotReported(ILogger logger, string sessionId, Exception exception);
}
