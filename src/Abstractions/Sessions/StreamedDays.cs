namespace SessionManager.Sessions;

/// <summary>Streamed time, cut at midnight (UTC).</summary>
public static class StreamedDays
{
    public static DateOnly Of(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    /// <summary>Milliseconds of each day that [from, to) touches, oldest first; nothing where it is empty.</summary>
    public static IEnumerable<(DateOnly Day, long Milliseconds)> Between(DateTimeOffset from, DateTimeOffset to)
    {
        while (from < to)
        {
            var midnight = new DateTimeOffset(from.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
            var end = midnight < to ? midnight : to;
            yield return (Of(from), (long)(end - from).TotalMilliseconds);
            from = end;
        }
    }
}
