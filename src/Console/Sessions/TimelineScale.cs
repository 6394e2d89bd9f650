namespace SessionManager.Console.Sessions;

/// <summary>A stretch in which nothing ran, drawn short and labelled with its real length.</summary>
/// <param name="From">Share of the picture's width, 0 to 1.</param>
/// <param name="To">The same.</param>
public sealed record Fold(double From, double To, TimeSpan Length);

/// <summary>Where in the picture an instant is: to scale, but for long stretches in which nothing ran.</summary>
public sealed class TimelineScale
{
    /// <summary>A stretch without anything is folded where it would take more than this share of the picture.</summary>
    const double LongShare = 0.2;
    const double FoldWidth = 0.08;
    static readonly TimeSpan Shortest = TimeSpan.FromSeconds(30);

    readonly List<(DateTimeOffset At, double Place)> _stops;

    TimelineScale(List<(DateTimeOffset, double)> stops, List<Fold> folds) => (_stops, Folds) = (stops, folds);

    public IReadOnlyList<Fold> Folds { get; }

    /// <param name="instants">Everything that is drawn, the beginning and the end among it; in any order.</param>
    /// <param name="isBusy">Whether something ran between two neighbours.</param>
    public static TimelineScale Of(IEnumerable<DateTimeOffset> instants, Func<DateTimeOffset, DateTimeOffset, bool> isBusy)
    {
        var times = instants.Distinct().Order().ToList();
        if (times.Count < 2)
            return new TimelineScale([.. times.Select(time => (time, 0d))], []);
        var total = times[^1] - times[0];
        var isFolded = times.Zip(times.Skip(1), (from, to) => to - from > total * LongShare && to - from > Shortest && !isBusy(from, to)).ToList();
        // Where nothing is left to draw to scale, nothing is folded.
        var drawn = times.Zip(times.Skip(1), (from, to) => to - from).Zip(isFolded, (length, folded) => folded ? TimeSpan.Zero : length)
            .Aggregate(TimeSpan.Zero, (sum, length) => sum + length);
        if (drawn <= TimeSpan.Zero)
            (drawn, isFolded) = (total, [.. isFolded.Select(_ => false)]);
        var room = 1 - FoldWidth * isFolded.Count(folded => folded);

        List<(DateTimeOffset, double)> stops = [(times[0], 0)];
        List<Fold> folds = [];
        var place = 0d;
        for (var i = 0; i < isFolded.Count; i++)
        {
            var length = times[i + 1] - times[i];
            var next = place + (isFolded[i] ? FoldWidth : room * (length / drawn));
            if (isFolded[i])
                folds.Add(new Fold(place, next, length));
            stops.Add((times[i + 1], place = next));
        }

        return new TimelineScale(stops, folds);
    }

    /// <returns>0 to 1; an instant outside is at the nearer end.</returns>
    public double At(DateTimeOffset instant)
    {
        if (_stops.Count == 0 || instant <= _stops[0].At)
            return 0;
        for (var i = 1; i < _stops.Count; i++)
        {
            var (from, to) = (_stops[i - 1], _stops[i]);
            if (instant <= to.At)
                return from.Place + (to.Place - from.Place) * ((instant - from.At) / (to.At - from.At));
        }

        return _stops[^1].Place;
    }
}
