namespace SessionManager.Durability;

static class Clock
{
    /// <summary>
    /// The time in whole milliseconds. Deadlines are stored in milliseconds by their several owners; a finer "now" would make
    /// the same deadline two different instants before and after it was read back.
    /// </summary>
    public static DateTimeOffset Now(this TimeProvider time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>null stands for never.</summary>
    public static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;
}
