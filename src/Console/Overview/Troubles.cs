using SessionManager.Client;

namespace SessionManager.Console.Overview;

/// <summary>Something that is wrong, and where to look.</summary>
public sealed record Trouble(bool IsBad, string Text, string Href, string Link);

/// <summary>What of an overview is wrong, the worst first.</summary>
public static class Troubles
{
    /// <summary>How many minutes back refused mints are still news.</summary>
    const int Lately = 5;

    public static IEnumerable<Trouble> Of(SessionManager.Client.Overview overview)
    {
        var nodes = overview.Nodes;
        if (nodes.Live + nodes.Draining == 0)
            yield return new(true, nodes.Lost == 0 ? "No node is registered: no session can be minted." : "Every node is lost: no session can be minted.", "nodes", "Nodes");
        else if (overview.Places.Limit is { } limit && overview.Places.Used >= limit || nodes.Live == nodes.Full)
            yield return new(true, "There is no room: every place is taken or draining.", "nodes", "Nodes");
        if (nodes.Lost > 0 && nodes.Live + nodes.Draining > 0)
            yield return new(true, nodes.Lost == 1 ? "A node is lost: it did not report in time." : $"{nodes.Lost} nodes are lost: they did not report in time.", "nodes?state=lost", nodes.Lost == 1 ? "Which one" : "Which ones");
        var minutes = overview.Minutes.TakeLast(Lately + 1).ToList();
        var (minted, refused) = (minutes.Sum(minute => minute.Minted), minutes.Sum(minute => minute.Refused ?? 0));
        if (refused > 0)
        {
            var what = overview.Refusals.Count > 0 ? $", most with {overview.Refusals[0].Code}" : "";
            yield return new(refused > minted, $"{refused} of {minted + refused} mints were refused in the last {Lately} minutes{what}.", "docs", "What the codes mean");
        }

        if (overview.Waiting > 0)
            yield return new(false, overview.Waiting == 1 ? "A mint waits for a place." : $"{overview.Waiting} mints wait for a place.", "nodes", "Nodes");
    }
}
