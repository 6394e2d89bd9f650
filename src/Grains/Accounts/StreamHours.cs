using SessionManager.Sessions;

namespace SessionManager.Accounts;

/// <summary>
/// The hours an account has streamed this month (UTC): those of ended connections, as they are stored, and those of the connections
/// that run. May count too much where a message was lost, never too little, and nothing twice; it is read anew before anything is
/// refused for it.
/// </summary>
public sealed class StreamHours
{
    DateTimeOffset? _month;
    long _endedMilliseconds;

    public static DateTimeOffset MonthOf(DateTimeOffset now) => new(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset NextMonth(DateTimeOffset now) => MonthOf(now).AddMonths(1);

    /// <summary>What has been heard in all; compared before and after a reading of what is stored.</summary>
    public HoursHeard Heard { get; private set; }

    public void Forget()
    {
        _month = null;
        Heard = Heard with { Forgotten = Heard.Forgotten + 1 };
    }

    public bool IsKnown(DateTimeOffset now) => _month == MonthOf(now);

    /// <param name="endedMilliseconds">What is stored of this month.</param>
    public void Know(DateTimeOffset month, long endedMilliseconds)
    {
        _month = month;
        _endedMilliseconds = endedMilliseconds;
    }

    /// <summary>A session was written: what of its connections has ended since it was last heard of counts as ended.</summary>
    public void Add(SessionReport before, SessionReport after, DateTimeOffset now)
    {
        var ended = after.StreamedMilliseconds - before.StreamedMilliseconds;
        if (ended <= 0)
            return;
        ended = Math.Min(ended, (long)(now - MonthOf(now)).TotalMilliseconds);
        Heard = Heard with { Ended = Heard.Ended + 1, Milliseconds = Heard.Milliseconds + ended };
        if (IsKnown(now))
            _endedMilliseconds += ended;
    }

    /// <param name="running">When each connection that runs now began.</param>
    /// <param name="longest">After this long each is over, even if nobody has ended it yet; null: none is.</param>
    public long Milliseconds(IEnumerable<DateTimeOffset> running, DateTimeOffset now, TimeSpan? longest = null)
    {
        var month = MonthOf(now);
        return _endedMilliseconds
            + running.Sum(since => Math.Max(0, (long)(EndOf(since, now, longest) - (since > month ? since : month)).TotalMilliseconds));
    }

    /// <summary>
    /// When a stream must be looked at for the month's hours. Not later than they can be used up if every slot began to stream now, so
    /// that it holds even where nobody is left to recompute it; it is asked for anew when it has come.
    /// </summary>
    /// <param name="left">Milliseconds left of the month's hours, from 1 up.</param>
    /// <param name="streams">How many connections run; with none, nothing is used up.</param>
    /// <param name="slots">How many could.</param>
    /// <param name="shortest">No sooner than this, unless they are used up by then: how late the sweep may be.</param>
    public static DateTimeOffset NextLook(long left, int streams, int slots, TimeSpan shortest, DateTimeOffset now)
    {
        var soonest = (long)shortest.TotalMilliseconds;
        if (streams > 0)
            soonest = Math.Min(left / streams, soonest);
        var look = now.AddMilliseconds(Math.Max(1, Math.Max(left / Math.Max(1, Math.Max(streams, slots)), soonest)));
        return look < NextMonth(now) ? look : NextMonth(now);
    }

    /// <summary>When the hours were, or will be, used up if the connections that run go on.</summary>
    /// <param name="left">Milliseconds left; negative where more was used than there are.</param>
    public static DateTimeOffset UsedUpAt(long left, int streams, DateTimeOffset now) => now.AddMilliseconds(left / streams);

    /// <summary>
    /// When the hours were used up, found out later: after an outage or a leap of the clock, when some connections are long over.
    /// </summary>
    /// <param name="over">Milliseconds used beyond what there were, as <see cref="Milliseconds"/> counts with <paramref name="longest"/>.</param>
    /// <param name="running">As there; one at least.</param>
    public static DateTimeOffset UsedUpAt(long over, IEnumerable<DateTimeOffset> running, DateTimeOffset now, TimeSpan? longest)
    {
        var (at, streams) = (now, 0);
        // From the latest change to the earliest: before a connection's end one more ran, before its beginning one less.
        var changes = running.SelectMany(since => new[] { (Time: EndOf(since, now, longest), More: 1), (Time: since, More: -1) });
        foreach (var (time, more) in changes.OrderByDescending(change => change.Time))
        {
            var used = (long)(at - time).TotalMilliseconds * streams;
            if (streams > 0 && used >= over)
                return at.AddMilliseconds(-over / streams);
            over -= used;
            (at, streams) = (time, streams + more);
        }

        return at;
    }

    static DateTimeOffset EndOf(DateTimeOffset since, DateTimeOffset now, TimeSpan? longest) =>
        longest is { } length && since + length < now ? since + length : now;
}

/// <param name="Forgotten">How often it was not known what had ended.</param>
/// <param name="Ended">How many connections were heard to end.</param>
/// <param name="Milliseconds">What those had streamed of the month they ended in.</param>
public readonly record struct HoursHeard(long Forgotten, long Ended, long Milliseconds);
