using System.Collections.Immutable;
using Orleans;

namespace SessionManager.Nodes;

/// <summary>
/// This process's copy of the directory, so that a mint does not ask the one directory grain. A hint and no more: a node that
/// turns out full is skipped, and the copy is read again before "no streamer" is said.
/// </summary>
public sealed class NodeCatalog(IGrainFactory grains, TimeProvider time)
{
    /// <summary>How many nodes are asked for a place before giving up.</summary>
    const int MaxAsked = 8;
    static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(250);

    volatile Copy? _copy;

    INodeDirectoryGrain Directory => grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key);

    /// <summary>Nodes to try, best first; none whose last places the callers in the queue wait for.</summary>
    public async Task<ImmutableArray<Node>> Candidates(string sessionId, Placement placement)
    {
        var copy = _copy;
        // Older than now, or newer: the wall clock may be set back.
        if (copy is null || (time.GetUtcNow() - copy.At).Duration() > Fresh)
            copy = await Refresh();
        var ranked = Rank(copy, sessionId, placement);
        if (ranked.IsEmpty && copy.At != time.GetUtcNow())
            ranked = Rank(await Refresh(), sessionId, placement);
        return ranked.Length > MaxAsked ? ranked[..MaxAsked] : ranked;
    }

    /// <summary>Takes a place for the session until <paramref name="until"/>; null where no fitting node has one.</summary>
    public async Task<Node?> Place(string sessionId, Placement placement, DateTimeOffset until)
    {
        foreach (var node in await Candidates(sessionId, placement))
        {
            if (await grains.GetGrain<INodeGrain>(node.NodeId).Reserve(sessionId, until))
                return node;
            Forget(node.NodeId);
        }

        return null;
    }

    /// <summary>The node said no: it is not asked again until the directory is read anew.</summary>
    public void Forget(string nodeId)
    {
        var copy = _copy;
        if (copy is not null)
            _copy = copy with { Nodes = copy.Nodes.RemoveAll(node => node.NodeId == nodeId) };
    }

    static ImmutableArray<Node> Rank(Copy copy, string sessionId, Placement placement) =>
        PlacementPolicy.Rank(copy.Nodes.Where(node => PlacementPolicy.HasRoomBeside(node, copy.Waiting)), placement, sessionId);

    async Task<Copy> Refresh()
    {
        var snapshot = await Directory.Snapshot();
        return _copy = new Copy(snapshot.Nodes, snapshot.Waiting, time.GetUtcNow());
    }

    sealed record Copy(ImmutableArray<Node> Nodes, ImmutableArray<WaitingCallers> Waiting, DateTimeOffset At);
}
