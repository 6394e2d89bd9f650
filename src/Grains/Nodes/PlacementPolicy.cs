using System.Collections.Immutable;

namespace SessionManager.Nodes;

/// <summary>Which nodes a session may go to, best first.</summary>
public static class PlacementPolicy
{
    /// <summary>The latency of a region the caller has not measured, in milliseconds: behind every measured one.</summary>
    public const double UnknownLatency = 9999;

    /// <summary>
    /// Fitting nodes with room: nearest region first, then the emptier, then the less loaded; what is still equal is spread
    /// by the session's id.
    /// </summary>
    /// <param name="fullOnes">Those that seem to have no room as well.</param>
    public static ImmutableArray<Node> Rank(
        IEnumerable<Node> nodes, Placement placement, string sessionId, bool fullOnes = false) =>
    [
        .. nodes
            .Where(node => (fullOnes ? TakesNew(node) : HasRoom(node)) && Fits(node, placement))
            .OrderBy(node => placement.RegionLatencies.GetValueOrDefault(node.Region, UnknownLatency))
            .ThenBy(node => (int)(10.0 * node.Used / node.Capacity))
            .ThenBy(node => node.Load ?? 0)
            .ThenBy(node => Spread(sessionId, node.NodeId))
            .ThenBy(node => node.NodeId, StringComparer.Ordinal),
    ];

    public static bool HasRoom(Node node) => TakesNew(node) && node.Used < node.Capacity;

    static bool TakesNew(Node node) => node is { Live: true, Draining: false };

    public static bool Fits(Node node, Placement placement) => Fits(node, placement.NeedsImageToVideo);

    /// <summary>Whether it has more free places than there are callers in the queue who could take them.</summary>
    public static bool HasRoomBeside(Node node, ImmutableArray<WaitingCallers> waiting) =>
        node.Capacity - node.Used > Awaited(node, waiting);

    /// <summary>How many callers in the queue could take a place on it.</summary>
    public static int Awaited(Node node, ImmutableArray<WaitingCallers> waiting) =>
        waiting.Where(callers => Fits(node, callers.NeedImageToVideo)).Sum(callers => callers.Count);

    static bool Fits(Node node, bool needsImageToVideo) => !needsImageToVideo || node.Capabilities is { ImageToVideo: true };

    static uint Spread(string sessionId, string nodeId)
    {
        // FNV-1a: the same on every process and run, unlike string.GetHashCode.
        var hash = 2166136261u;
        foreach (var character in sessionId)
            hash = (hash ^ character) * 16777619u;
        foreach (var character in nodeId)
            hash = (hash ^ character) * 16777619u;
        return hash;
    }
}
