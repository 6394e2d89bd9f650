using System.Collections.Immutable;

namespace SessionManager.Journal;

/// <summary>Cuts streamed stretches at midnight (UTC) and adds them up.</summary>
static class UsageByDay
{
    /// <param name="stretches">Session, end and length of each; stretches still running are none yet.</param>
    public static ImmutableArray<DayUsage> Of(
        IEnumerable<(string SessionId, DateTimeOffset End, double Seconds)> stretches, DateTimeOffset from, DateTimeOffset to)
    {
        var days = new SortedDictionary<DateOnly, (double Seconds, HashSet<string> Sessions)>();
        foreach (var (session, ended, seconds) in stretches)
        {
            var start = Later(ended.AddSeconds(-seconds), from).UtcDateTime;
            var end = Earlier(ended, to).UtcDateTime;
            while (start < end)
            {
                var day = DateOnly.FromDateTime(start);
                var cut = start.Date.AddDays(1) < end ? start.Date.AddDays(1) : end;
                var (sum, sessions) = days.GetValueOrDefault(day, (0, []));
                sessions.Add(session);
                days[day] = (sum + (cut - start).TotalSeconds, sessions);
                start = cut;
            }
        }

        return [.. days.Select(day => new DayUsage(day.Key, day.Value.Seconds, day.Value.Sessions.Count))];
    }

    static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
    static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
