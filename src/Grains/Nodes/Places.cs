using System.Collections.Immutable;
using SessionManager.Owners;

namespace SessionManager.Nodes;

/// <summary>A node's places: which are taken, and how they compare with what the node says that it streams.</summary>
public sealed class Places : Holdings
{
    readonly HashSet<string> _absent = new(StringComparer.Ordinal);

    /// <summary>Promises the session a place, or moves the end of the one it has; null where there is none to give.</summary>
    /// <param name="capacity">How many there are for sessions that have none yet; 0: none any more.</param>
    public long? Reserve(string sessionId, long version, DateTimeOffset? until, int capacity, DateTimeOffset now) =>
        TryFindHeld(sessionId, now, out _) || Held(now) < capacity ? Promise(sessionId, version, until, now) : null;

    /// <summary>Every session that has a place now, in order.</summary>
    public ImmutableArray<string> Taken(DateTimeOffset now)
    {
        Held(now);
        return [.. All.Where(holding => holding.Counted).Select(holding => holding.SessionId).Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether each of those that the node streams has a place now.</summary>
    public bool AreTaken(IReadOnlySet<string> reported, DateTimeOffset now) => reported.All(sessionId => TryFindHeld(sessionId, now, out _));

    /// <summary>Of those that the node streams, the ones without a place here, in order.</summary>
    public ImmutableArray<string> Strangers(IReadOnlySet<string> reported) =>
        [.. reported.Where(sessionId => Find(sessionId) is null).Order(StringComparer.Ordinal)];

    /// <summary>
    /// Connected sessions that two heartbeats in a row do not name. One is not enough: the session may have connected while the
    /// heartbeat was under way.
    /// </summary>
    public ImmutableArray<string> Missing(IReadOnlySet<string> reported)
    {
        var absent = All
            .Where(holding => holding.Until == Holding.Forever && !reported.Contains(holding.SessionId))
            .Select(holding => holding.SessionId)
            .Order(StringComparer.Ordinal)
            .ToArray();
        ImmutableArray<string> missing = [.. absent.Where(_absent.Contains)];
        _absent.Clear();
        _absent.UnionWith(absent.Except(missing));
        return missing;
    }
}
