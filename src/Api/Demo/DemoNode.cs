using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Nodes;

namespace SessionManager.Api.Demo;

/// <summary>
/// A streaming node that streams nothing: it registers, keeps its lease, and says of every session it should have that it has
/// it, so that all but the video can be tried without one.
/// </summary>
sealed partial class DemoNode(
    IGrainFactory grains, IOptions<DemoOptions> options, IOptions<NodeOptions> nodeOptions, TimeProvider time, ILogger<DemoNode> logger)
{
    public const string Region = "local";
    public const string Model = "demo";

    ImmutableArray<string> _sessions = [];

    /// <summary>False: the id is another account's.</summary>
    public async Task<bool> Register(string nodeId, string ownerId)
    {
        var lease = await grains.GetGrain<INodeGrain>(nodeId).Register(ownerId, new NodeRegistration
        {
            Region = Region,
            Model = Model,
            Capacity = options.Value.NodeCapacity,
            Capabilities = new(ImageToVideo: true),
        });
        if (!lease.Ok)
            LogRefused(nodeId);
        return lease.Ok;
    }

    /// <summary>Until told to stop, or deleted by an administrator: then it stays away until the next start.</summary>
    public async Task KeepLease(string nodeId, string ownerId, CancellationToken stopping)
    {
        var node = grains.GetGrain<INodeGrain>(nodeId);
        // Twice as often as the sample streamer beats in this node's name: never two in a row that don't name what was
        // connected without it.
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(nodeOptions.Value.LeaseSeconds) / 6, time);
        while (await beat.WaitForNextTickAsync(stopping))
        {
            try
            {
                var reply = await node.Heartbeat(ownerId, _sessions, load: null);
                if (!reply.Ok)
                    return;
                _sessions = reply.Value!.Expected;
            }
            catch (Exception exception)
            {
                // The next beat comes before the lease is over.
                LogBeatFailed(nodeId, exception);
            }
        }
    }

    [LoggerMessage(601, LogLevel.Warning, "Node {NodeId} belongs to another account; there is no demo node.")]
    partial void LogRefused(string nodeId);

    [LoggerMessage(602, LogLevel.Warning, "A heartbeat of node {NodeId} failed; the next one is soon.")]
    partial void LogBeatFailed(string nodeId, Exception exception);
}
