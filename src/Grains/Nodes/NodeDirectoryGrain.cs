using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Sessions;

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
    /// <summary>How many callers may wait; more are told at once that nothing is free.</summary>
    const int MaxWaiting = 10_000;

    readonly LinkedList<Waiter> _waiting = [];
    bool _serving;

    public Task<NodeSnapshot> Snapshot() =>
        Task.FromResult(new NodeSnapshot(
            [.. Record.Nodes.Values],
            [.. _waiting.CountBy(waiter => waiter.Placement.NeedsImageToVideo).Select(asked => new WaitingCallers(asked.Key, asked.Value))]));

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
        Record = Record with { Nodes = Record.Nodes.Remove(nodeId) };
        await Write();
    }

    public async Task<string?> WaitForPlace(
        string sessionId, Placement placement, TimeSpan timeout, CancellationToken cancellation)
    {
        if (_waiting.Count >= MaxWaiting)
            return null;
        var waiter = new Waiter(sessionId, placement);
        var seat = _waiting.AddLast(waiter);
        using var timer = this.RegisterGrainTimer(
            _ =>
            {
                waiter.Answer.TrySetResult(null);
                return Task.CompletedTask;
            },
            timeout,
            Timeout.InfiniteTimeSpan);
        await using var cancelled = cancellation.Register(() => waiter.Answer.TrySetResult(null));
        try
        {
            await Serve();
            return await UntilBroken(waiter.Answer.Task);
        }
        finally
        {
            if (seat.List is not null)
                _waiting.Remove(seat);
        }
    }

    /// <summary>
    /// Gives free places to those who wait, in the order they came. One at a time, so that nobody is overtaken while a node is
    /// asked; whoever no node with room fits stays, and does not hold up those behind.
    /// </summary>
    async Task Serve()
    {
        if (_serving)
            return;
        _serving = true;
        try
        {
            for (var seat = _waiting.First; seat is not null;)
            {
                var waiter = seat.Value;
                var next = seat.Next;
                if (!waiter.Answer.Task.IsCompleted && await FindPlace(waiter) is { } nodeId)
                    waiter.Answer.TrySetResult(nodeId);
                // Another may have left the queue while a node was asked; then the order starts anew.
                seat = next is null || next.List is not null ? next : _waiting.First;
            }
        }
        finally
        {
            _serving = false;
        }
    }

    async Task<string?> FindPlace(Waiter waiter)
    {
        foreach (var node in PlacementPolicy.Rank(Record.Nodes.Values, waiter.Placement, waiter.SessionId))
        {
            if (await Reserve(node.NodeId, waiter.SessionId))
                return node.NodeId;
            // It is fuller than it last said; the next news from it puts that right.
            if (Record.Nodes.TryGetValue(node.NodeId, out var latest))
                Record = Record with { Nodes = Record.Nodes.SetItem(node.NodeId, latest with { Used = latest.Capacity }) };
        }

        return null;
    }

    async Task<bool> Reserve(string nodeId, string sessionId)
    {
        try
        {
            return await UntilBroken(GrainFactory.GetGrain<INodeGrain>(nodeId).Reserve(sessionId, time.Now() + SessionMachine.GrantLife));
        }
        catch (Exception exception)
        {
            LogNotReserved(nodeId, exception);
            return false;
        }
    }

    static Node Lasting(Node node) => node with { Used = 0, Load = null, LastHeardAt = null };

    sealed record Waiter(string SessionId, Placement Placement)
    {
        public TaskCompletionSource<string?> Answer { get; } = new();
    }

    [LoggerMessage(401, LogLevel.Warning, "Node {NodeId} could not be asked for a place.")]
    partial void LogNotReserved(string nodeId, Exception exception);
}
