using System.Collections.Immutable;

namespace SessionManager.Nodes;

/// <summary>Which nodes a session may go to, best first.</summary>
public static class PlacementPolicy
{
    /// <summary>The latency of a region the caller has not measured, in milliseconds: behind every measured one.</summary>
    public const double UnknownLatency = 9999;
    const uint HashOfNothing = 2166136261u;

    /// <summary>
    /// Fitting nodes with room: nearest region first, then the emptier, then the less loaded; what is still equal is spread
    /// by the session's id. Each is looked for when it is asked for: mostly the first is all that is needed.
    /// </summary>
    /// <param name="fullOnes">Those that seem to have no room as well.</param>
    public static IEnumerable<Node> Rank(IEnumerable<Node> nodes, Placement placement, string sessionId, bool fullOnes = false)
    {
        var session = Hash(HashOfNothing, sessionId);
        Preference? last = null;
        while (true)
        {
            (Node Node, Preference By)? best = null;
            foreach (var node in nodes)
            {
                if (!(fullOnes ? TakesNew(node) : HasRoom(node)) || !Fits(node, placement))
                    continue;
                var by = new Preference(Latency(node, placement), (int)(10.0 * node.Used / node.Capacity), node.Load ?? 0, Hash(session, node.NodeId), node.NodeId);
                if ((last is null || by.CompareTo(last.Value) > 0) && (best is null || by.CompareTo(best.Value.By) < 0))
                    best = (node, by);
            }

            if (best is not { } next)
                yield break;
            yield return next.Node;
            last = next.By;
        }
    }

    public static bool HasRoom(Node node) => TakesNew(node) && node.Used < node.Capacity;

    static bool TakesNew(Node node) => node is { Live: true, Draining: false };

    public static bool Fits(Node node, Placement placement) => Fits(node, placement.NeedsImageToVideo);

    /// <summary>Whether it has more free places than there are callers in the queue who could take them.</summary>
    public static bool HasRoomBeside(Node node, ImmutableArray<WaitingCallers> waiting) =>
        node.Capacity - node.Used > Awaited(node, waiting);

    /// <summary>How many callers in the queue could take a place on it.</summary>
    public static int Awaited(Node node, ImmutableArray<WaitingCallers> waiting)
    {
        var count = 0;
        foreach (var callers in waiting)
            count += Fits(node, callers.NeedImageToVideo) ? callers.Count : 0;
        return count;
    }

    static bool Fits(Node node, bool needsImageToVideo) => !needsImageToVideo || node.Capabilities is { ImageToVideo: true };

    static double Latency(Node node, Placement placement) => placement.RegionLatencies.IsEmpty
        ? UnknownLatency
        : placement.RegionLatencies.GetValueOrDefault(node.Region, UnknownLatency);

    /// <summary>FNV-1a: the same on every process and run, unlike string.GetHashCode.</summary>
    static uint Hash(uint hash, string text)
    {
        foreach (var character in text)
            hash = (hash ^ character) * 16777619u;
        return hash;
    }

    /// <summary>By what one node is preferred to another, in this order; the smaller the better.</summary>
    readonly record struct Preference(double Latency, int Tenths, double Load, uint Spread, string NodeId) : IComparable<Preference>
    {
        public int CompareTo(Preference other)
        {
            if (Latency.CompareTo(other.Latency) is not 0 and var nearer)
                return nearer;
            if (Tenths.CompareTo(other.Tenths) is not 0 and var emptier)
                return emptier;
            if (Load.CompareTo(other.Load) is not 0 and var calmer)
                return calmer;
            return Spread.CompareTo(other.Spread) is not 0 and var spread ? spread : string.CompareOrdinal(NodeId, other.NodeId);
        }
    }
}
