namespace SessionManager.Journal;

/// <summary>Instants as the tables have them: whole 100 ns since 1970.</summary>
static class Instant
{
    public static long ToColumn(DateTimeOffset at) => at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
    public static long? ToColumn(DateTimeOffset? at) => at is { } given ? ToColumn(given) : null;
    public static DateTimeOffset FromColumn(long at) => DateTimeOffset.UnixEpoch.AddTicks(at);
    public static DateTimeOffset? FromColumn(long? at) => at is { } given ? FromColumn(given) : null;
}
