using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;

namespace SessionManager.Nodes;

/// <summary>
/// All nodes, and the queue of callers that wait for one (<c>Prefer: wait</c>). One grain, key <see cref="Key"/>. What it knows
/// of a node's room is a hint; only the node says yes.
/// </summary>
[Alias("SessionManager.INodeDirectoryGrain")]
public interface INodeDirectoryGrain : IGrainWithStringKey
{
    const string Key = "nodes";

    [ReadOnly]
    Task<NodeSnapshot> Snapshot();

    /// <summary>A node's news. Durable where the set of nodes or their properties change, not for mere room.</summary>
    Task Publish(Node node);

    Task Remove(string nodeId);

    /// <summary>
    /// Waits, first come first served, until a fitting node has a place, and takes it for the session. Returns that node's id,
    /// or null when <paramref name="timeout"/> (at most 30 s) is over. A place that is not used within 10 s lapses. While an account
    /// decides about a place kept for it (<see cref="Decided"/>), its other callers wait: the first to come is the first to be judged.
    /// </summary>
    [ResponseTimeout("00:00:45")]
    Task<string?> WaitForPlace(
        string sessionId, string accountId, Placement placement, TimeSpan timeout, CancellationToken cancellation);

    /// <summary>The account has minted the session that a place was kept for, or refused to: the next caller's turn.</summary>
    /// <param name="refused">The place goes to whoever is next.</param>
    Task Decided(string sessionId, bool refused);
}

/// <param name="Waiting">The queue, by what is asked for: a newcomer takes no place that one of them could have.</param>
[GenerateSerializer, Immutable, Alias("node-snapshot")]
public sealed record NodeSnapshot([property: Id(0)] ImmutableArray<Node> Nodes, [property: Id(1)] ImmutableArray<WaitingCallers> Waiting);

[GenerateSerializer, Immutable, Alias("waiting-callers")]
public sealed record WaitingCallers([property: Id(0)] bool NeedImageToVideo, [property: Id(1)] int Count);

/// <summary>What a session asks of its node.</summary>
[GenerateSerializer, Immutable, Alias("placement")]
public sealed record Placement(
    [property: Id(0)] ImmutableDictionary<string, double> RegionLatencies,
    [property: Id(1)] bool NeedsImageToVideo);
