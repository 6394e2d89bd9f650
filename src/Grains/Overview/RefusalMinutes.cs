using System.Collections.Immutable;

namespace SessionManager.Overview;

/// <summary>Refusals by minute and code, of the last hour and no longer.</summary>
public sealed class RefusalMinutes
{
    static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    readonly SortedDictionary<(DateTimeOffset Minute, string Code), int> _counts = new(
        Comparer<(DateTimeOffset Minute, string Code)>.Create((a, b) =>
            a.Minute != b.Minute ? a.Minute.CompareTo(b.Minute) : string.CompareOrdinal(a.Code, b.Code)));

    public void Add(IEnumerable<RefusalCount> counts, DateTimeOffset now)
    {
        foreach (var count in counts.Where(count => count.Minute > now - Kept && count.Minute <= now))
            _counts[(count.Minute, count.Code)] = _counts.GetValueOrDefault((count.Minute, count.Code)) + count.Count;
        Forget(now);
    }

    public ImmutableArray<RefusalCount> All(DateTimeOffset now)
    {
        Forget(now);
        return [.. _counts.Select(count => new RefusalCount(count.Key.Minute, count.Key.Code, count.Value))];
    }

    void Forget(DateTimeOffset now)
    {
        foreach (var old in _counts.Keys.TakeWhile(key => key.Minute <= now - Kept).ToList())
            _counts.Remove(old);
    }
}
