namespace SessionManager.Storage.Sessions;

/// <summary>Streamed time: seconds on the wire, whole milliseconds in the tables.</summary>
static class Streamed
{
    public static long? ToColumn(double? seconds) => seconds is { } given ? (long)Math.Round(given * 1000) : null;
    public static double? FromColumn(long? milliseconds) => milliseconds / 1000.0;
}
