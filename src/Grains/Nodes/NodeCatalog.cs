using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using SessionManager.Sessions;

namespace SessionManager.Nodes;

/// <summary>
/// Finds a node with a place. Works on this process's copy of the directory, so that a mint does not ask the one directory grain. The
/// copy is a hint and no more: only the node says yes, and "none" is said after a new copy, and of nodes that look full by themselves.
/// </summary>
public sealed partial class NodeCatalog(IGrainFactory grains, TimeProvider time, ILogger<NodeCatalog> logger)
{
    /// <summary>How many nodes are asked for a place before giving up.</summary>
    const int MaxAsked = 8;
    static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(250);

    volatile Copy? _copy;

    /// <summary>A place until <paramref name="until"/>; null where no fitting node has one.</summary>
    /// <param name="version">Of the session's row; 0 for a mint.</param>
    /// <param name="reservedNodeId">The node that the queue has kept a place on.</param>
    /// <param name="may">Which nodes come into question besides; null: all.</param>
    public async Task<PlacedNode?> Place(
        string sessionId, long version, Placement placement, DateTimeOffset? until, string? reservedNodeId = null, Func<Node, bool>? may = null)
    {
        if (reservedNodeId is not null
            && await grains.GetGrain<INodeGrain>(reservedNodeId).Get() is { } reserved
            && await Reserve(reserved, sessionId, version, until) is { } kept)
            return kept;

        var copy = _copy;
        // A copy that seems to be from the future counts as old as well: the wall clock may have been set back.
        if (copy is not null && (time.GetUtcNow() - copy.At).Duration() <= Fresh
            && await Ask(Ranked(copy), sessionId, version, until) is { } placed)
            return placed;

        copy = await Refresh();
        var candidates = Ranked(copy);
        // A node that looks full here may have room by now. Where callers wait in the queue, that room is theirs.
        if (!candidates.Any())
            candidates = PlacementPolicy.Rank(
                copy.Nodes.Where(node => Allowed(node) && PlacementPolicy.Awaited(node, copy.Waiting) == 0), placement, sessionId, fullOnes: true);
        return await Ask(candidates, sessionId, version, until);

        bool Allowed(Node node) => may is null || may(node);

        IEnumerable<Node> Ranked(Copy from) => PlacementPolicy.Rank(
            from.Nodes.Where(node => Allowed(node) && PlacementPolicy.HasRoomBeside(node, from.Waiting)), placement, sessionId);
    }

    async Task<PlacedNode?> Ask(IEnumerable<Node> candidates, string sessionId, long version, DateTimeOffset? until)
    {
        foreach (var node in candidates.Take(MaxAsked))
        {
            if (await Reserve(node, sessionId, version, until) is { } placed)
                return placed;
            Forget(node.NodeId);
        }

        return null;
    }

    async Task<PlacedNode?> Reserve(Node node, string sessionId, long version, DateTimeOffset? until)
    {
        var grain = grains.GetGrain<INodeGrain>(node.NodeId);
        try
        {
            return await grain.Reserve(sessionId, version, until) is { } promise ? new PlacedNode(node, grain, promise) : null;
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            // If the node did promise a place, it forgets the promise in time.
            LogNotAsked(node.NodeId, exception);
            return null;
        }
    }

    /// <summary>The node said no: it is not asked again until the directory is read anew.</summary>
    void Forget(string nodeId)
    {
        var copy = _copy;
        if (copy is not null)
            _copy = copy with { Nodes = copy.Nodes.RemoveAll(node => node.NodeId == nodeId) };
    }

    async Task<Copy> Refresh()
    {
        var snapshot = await grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key).Snapshot();
        return _copy = new Copy(snapshot.Nodes, snapshot.Waiting, time.GetUtcNow());
    }

    sealed record Copy(ImmutableArray<Node> Nodes, ImmutableArray<WaitingCallers> Waiting, DateTimeOffset At);

    [LoggerMessage(310, LogLevel.Warning, "Node {NodeId} could not be asked for a place.")]
    partial void LogNotAsked(string nodeId, Exception exception);
}

/// <summary>A place that a node has promised.</summary>
public sealed record PlacedNode(Node Node, INodeGrain Grain, PlacePromise Promise)
{
    public Fence Fence => new(OwnerKind.Node, Node.NodeId, Promise.Epoch);

    /// <summary>Best effort: what is not given back is forgotten by the node in time.</summary>
    public async Task GiveBack(string sessionId) =>
        await Grain.GiveBack(sessionId, Promise)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    public async Task Fenced() =>
        await Grain.Fenced(Promise.Epoch)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
