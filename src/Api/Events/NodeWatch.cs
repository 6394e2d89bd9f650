using System.Collections.Immutable;
using SessionManager.Nodes;

namespace SessionManager.Api.Events;

/// <summary>What has changed between two readings of the directory: mere load and the time of the last report are no news.</summary>
static class NodeWatch
{
    const string Deleted = "deleted";

    public static IEnumerable<(Node Node, NodeNews News)> Changes(ImmutableArray<Node> before, ImmutableArray<Node> after)
    {
        var old = before.ToDictionary(node => node.NodeId);
        foreach (var node in after)
        {
            if (!old.Remove(node.NodeId, out var was) || Lasting(was) != Lasting(node))
                yield return (node, Of(node, State(node)));
        }

        foreach (var node in old.Values)
            yield return (node, Of(node, Deleted));
    }

    public static string State(Node node) => node switch { { Live: false } => "lost", { Draining: true } => "draining", _ => "live" };

    static Node Lasting(Node node) => node with { Load = null, LastHeardAt = null };

    static NodeNews Of(Node node, string state) => new(node.NodeId, state, node.Region, node.Capacity, node.Used);
}
