using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Nodes;
using SessionManager.Options;

namespace SessionManager.Demo;

/// <summary>
/// A streaming node that streams nothing: it registers, keeps its lease, and says of every session it should have that it has
/// it, so that all but the video can be tried without one.
/// </summary>
sealed partial class DemoNode(IGrainFactory grains, IOptions<DemoOptions> options, TimeProvider time, ILogger<DemoNode> logger)
{
    ImmutableArray<string> sessions = [];

    public async Task Run(string nodeId, string ownerId, CancellationToken stopping)
    {
        var node = grains.GetGrain<INodeGrain>(nodeId);
        if (await Register(node, ownerId) is not { } lease)
        {
            LogRefused(nodeId);
            return;
        }

        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(lease.LeaseSeconds) / 3, time);
        while (await beat.WaitForNextTickAsync(stopping))
        {
            try
            {
                var reply = await node.Heartbeat(ownerId, sessions);
                // Deleted by an administrator: it stays away until the next start.
                if (!reply.Ok)
                    return;
                sessions = reply.Value!.Expected;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // The next beat comes before the lease is over.
                LogBeatFailed(nodeId, exception);
            }
        }
    }

    async Task<NodeLease?> Register(INodeGrain node, string ownerId) => (await node.Register(ownerId, new NodeRegistration
    {
        Region = "local",
        Model = "demo",
        Capacity = options.Value.NodeCapacity,
        Capabilities = new(ImageToVideo: true),
    })).Value;

    [LoggerMessage(601, LogLevel.Warning, "Node {NodeId} belongs to another account; there is no demo node.")]
    partial void LogRefused(string nodeId);

    [LoggerMessage(602, LogLevel.Warning, "A heartbeat of node {NodeId} failed; the next one is soon.")]
    partial void LogBeatFailed(string nodeId, Exception exception);
}
