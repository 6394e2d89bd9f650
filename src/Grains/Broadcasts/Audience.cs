using System.Collections.Immutable;
using SessionManager.Errors;

namespace SessionManager.Broadcasts;

/// <summary>Who is watching: pure, and told the time with every call.</summary>
public sealed class Audience(int most)
{
    readonly Dictionary<string, Entry> _viewers = new(StringComparer.Ordinal);

    public ViewerCount Count => new(_viewers.Count, most);

    public ImmutableArray<string> Ids => [.. _viewers.Keys];

    /// <summary>When the next token expires; null: none does.</summary>
    public DateTimeOffset? NextExpiry => _viewers.Values.Min(entry => entry.Viewer?.ExpiresAt);

    public bool Has(string viewerId) => _viewers.ContainsKey(viewerId);

    /// <returns>null: it is in.</returns>
    public Refusal? Join(Viewer viewer, DateTimeOffset now)
    {
        var others = _viewers.Values.Count(entry => entry.Viewer?.TokenId == viewer.TokenId && entry.Viewer.ViewerId != viewer.ViewerId);
        if (viewer.Limit <= others)
            return new Refusal(ErrorCatalogue.ViewerLimit);
        Add(viewer.ViewerId, new(viewer, now));
        return null;
    }

    public bool Leave(string viewerId) => _viewers.Remove(viewerId);

    /// <summary>
    /// The node says whom it serves. It may know viewers from before this activation, which forgot them; it ends those itself when their
    /// token expires. Who has just come may not be served yet, and is kept for a while.
    /// </summary>
    public void Report(ImmutableArray<string> served, DateTimeOffset now)
    {
        foreach (var viewerId in served)
            Add(viewerId, _viewers.TryGetValue(viewerId, out var known) ? known with { SeenAt = now } : new(null, now));
        foreach (var (viewerId, entry) in _viewers)
        {
            if (now - entry.SeenAt >= IBroadcastGrain.Patience)
                _viewers.Remove(viewerId);
        }
    }

    /// <returns>Whose token has expired; they are gone with that.</returns>
    public ImmutableArray<string> TakeExpired(DateTimeOffset now)
    {
        ImmutableArray<string> expired = [.. _viewers.Where(pair => pair.Value.Viewer?.ExpiresAt <= now).Select(pair => pair.Key)];
        foreach (var viewerId in expired)
            _viewers.Remove(viewerId);
        return expired;
    }

    public void Clear() => _viewers.Clear();

    void Add(string viewerId, Entry entry)
    {
        _viewers[viewerId] = entry;
        most = Math.Max(most, _viewers.Count);
    }

    /// <param name="Viewer">null: only its node knows of it.</param>
    sealed record Entry(Viewer? Viewer, DateTimeOffset SeenAt);
}
