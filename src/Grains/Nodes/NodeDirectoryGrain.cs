using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Owners;

namespace SessionManager.Nodes;

/// <summary>The nodes as last heard of. Written only where the set of nodes or what they are changes, not for their room.</summary>
public sealed record NodeDirectoryRecord
{
    public int Version { get; init; } = 1;
    public ImmutableDictionary<string, Node> Nodes { get; init; } = ImmutableDictionary<string, Node>.Empty;
}

[GrainType("nodes")]
[Reentrant]
public sealed partial class NodeDirectoryGrain(
    [PersistentState("nodes")] IPersistentState<NodeDirectoryRecord> state,
    TimeProvider time,
    ILogger<NodeDirectoryGrain> logger)
    : DurableGrain<NodeDirectoryRecord>(state), INodeDirectoryGrain
{
    readonly Waiters _queue = new();
    bool _serving;

    /// <summary>A node's room or the queue has changed since the queue was gone through: callers passed over are looked at again.</summary>
    bool _serveAgain;

    public Task<NodeSnapshot> Snapshot() => Task.FromResult(new NodeSnapshot([.. Record.Nodes.Values], _queue.Counts()));

    public async Task Publish(Node node)
    {
        var known = Record.Nodes.GetValueOrDefault(node.NodeId);
        Record = Record with { Nodes = Record.Nodes.SetItem(node.NodeId, node) };
        if (known is null || Lasting(known) != Lasting(node))
            await Write();
        await Serve();
    }

    public async Task Remove(string nodeId)
    {
        if (!Record.Nodes.ContainsKey(nodeId))
            return;
        Record = Record with { Nodes = Record.Nodes.Remove(nodeId) };
        await Write();
    }

    public async Task<string?> WaitForPlace(
        string sessionId, string accountId, Placement placement, TimeSpan timeout, CancellationToken cancellation)
    {
        if (_queue.IsFull)
            return null;
        var caller = new WaitingCaller(sessionId, accountId, placement);
        var seat = _queue.Add(caller);
        using var timer = this.RegisterGrainTimer(
            _ =>
            {
                caller.Answer.TrySetResult(null);
                return Task.CompletedTask;
            },
            timeout,
            Timeout.InfiniteTimeSpan);
        await using var cancelled = cancellation.Register(() => caller.Answer.TrySetResult(null));
        try
        {
            await Serve();
            return await UntilBroken(caller.Answer.Task);
        }
        finally
        {
            _queue.Remove(seat);
        }
    }

    public async Task Decided(string sessionId, bool refused)
    {
        if (_queue.Decided(sessionId) is { } kept && refused)
            await GiveBack(kept);
        await Serve();
    }

    /// <summary>
    /// Gives free places to those who wait, in the order they came. One at a time, so that nobody is overtaken while a node is
    /// asked; whoever no node with room fits stays, and does not hold up those behind.
    /// </summary>
    async Task Serve()
    {
        _serveAgain = true;
        if (_serving)
            return;
        _serving = true;
        try
        {
            while (_serveAgain)
            {
                _serveAgain = false;
                for (var seat = _queue.First; seat is not null;)
                {
                    var next = seat.Next;
                    if (_queue.IsTheTurnOf(seat.Value, time.Now()) && await FindPlace(seat.Value) is { } kept && !_queue.Keep(seat.Value, kept))
                        await GiveBack(kept);
                    // Another may have left the queue while a node was asked; then the order starts anew.
                    seat = next is null || next.List is not null ? next : _queue.First;
                }
            }
        }
        finally
        {
            _serving = false;
        }
    }

    async Task<KeptPlace?> FindPlace(WaitingCaller caller)
    {
        foreach (var node in PlacementPolicy.Rank(Record.Nodes.Values, caller.Placement, caller.SessionId))
        {
            if (await Reserve(node.NodeId, caller.SessionId) is { } kept)
                return kept;
            // The node is fuller than it last said. Its next message corrects that.
            if (Record.Nodes.TryGetValue(node.NodeId, out var latest))
                Record = Record with { Nodes = Record.Nodes.SetItem(node.NodeId, latest with { Used = latest.Capacity }) };
        }

        return null;
    }

    async Task<KeptPlace?> Reserve(string nodeId, string sessionId)
    {
        try
        {
            var until = time.Now() + Owner.PromiseLife;
            return await UntilBroken(GrainFactory.GetGrain<INodeGrain>(nodeId).Reserve(sessionId, version: 0, until)) is { } promise
                ? new KeptPlace(sessionId, nodeId, promise, until)
                : null;
        }
        catch (Exception exception)
        {
            LogNotReserved(nodeId, exception);
            return null;
        }
    }

    /// <summary>Best effort: a place that is not given back lapses.</summary>
    async Task GiveBack(KeptPlace kept) =>
        await UntilBroken(GrainFactory.GetGrain<INodeGrain>(kept.NodeId).GiveBack(kept.SessionId, kept.Promise))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    static Node Lasting(Node node) => node with { Used = 0, Load = null, LastHeardAt = null };

    [LoggerMessage(401, LogLevel.Warning, "Node {NodeId} could not be asked for a place.")]
    partial void LogNotReserved(string nodeId, Exception exception);
}
