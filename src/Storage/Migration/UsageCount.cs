using SessionManager.Sessions;

namespace SessionManager.Storage.Migration;

/// <summary>Adds up what earlier connections streamed, by account and day (UTC).</summary>
sealed class UsageCount
{
    readonly Dictionary<(string Account, DateOnly Day), (long Milliseconds, int Sessions)> _days = [];
    readonly HashSet<string> _counted = new(StringComparer.Ordinal);

    /// <summary>A connection that ended at <paramref name="end"/>; a session's in the order in which they ended.</summary>
    public void Add(string sessionId, string accountId, DateTimeOffset end, long milliseconds)
    {
        var start = end.AddMilliseconds(-milliseconds).UtcDateTime;
        if (_counted.Add(sessionId))
            Add(accountId, DateOnly.FromDateTime(start), 0, sessions: 1);
        while (start < end.UtcDateTime)
        {
            var midnight = start.Date.AddDays(1);
            var cut = midnight < end.UtcDateTime ? midnight : end.UtcDateTime;
            Add(accountId, DateOnly.FromDateTime(start), (long)Math.Round((cut - start).TotalMilliseconds), sessions: 0);
            start = cut;
        }
    }

    public IEnumerable<(string Account, UsageEntry Usage)> Days =>
        _days.Select(day => (day.Key.Account, new UsageEntry(day.Key.Day, day.Value.Milliseconds, day.Value.Sessions)));

    void Add(string accountId, DateOnly day, long milliseconds, int sessions)
    {
        var (sum, count) = _days.GetValueOrDefault((accountId, day));
        _days[(accountId, day)] = (sum + milliseconds, count + sessions);
    }
}
