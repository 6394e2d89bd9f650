namespace SessionManager.Storage;

/// <summary>Instants as the tables have them: whole milliseconds since 1970 (UTC).</summary>
static class Instant
{
    public static long ToColumn(DateTimeOffset at) => at.ToUnixTimeMilliseconds();
    public static long? ToColumn(DateTimeOffset? at) => at?.ToUnixTimeMilliseconds();
    public static DateTimeOffset FromColumn(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at);
}
