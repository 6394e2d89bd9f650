using System.Globalization;

namespace SessionManager.Console.Browsing;

/// <summary>Times in fields, which are of the zone that times are shown in, and in addresses, which are of no zone: a link means the same for everyone.</summary>
static class Instants
{
    const string Wall = "yyyy-MM-dd'T'HH:mm";

    /// <summary>What a datetime-local field holds; null: it holds none.</summary>
    public static DateTimeOffset? Instant(this IBrowser browser, string? field, Preferences preferences)
    {
        if (!DateTime.TryParse(field, CultureInfo.InvariantCulture, DateTimeStyles.None, out var wall))
            return null;
        var utc = new DateTimeOffset(DateTime.SpecifyKind(wall, DateTimeKind.Utc));
        return preferences.Times == "utc" ? utc : utc + TimeSpan.FromMinutes(browser.MinutesBehindUtc(utc));
    }

    /// <summary>What a datetime-local field is given.</summary>
    public static string? Field(this IBrowser browser, DateTimeOffset? time, Preferences preferences) =>
        (preferences.Times == "utc" ? time : time - TimeSpan.FromMinutes(time is { } at ? browser.MinutesBehindUtcAt(at) : 0))?.UtcDateTime
            .ToString(Wall, CultureInfo.InvariantCulture);

    /// <summary>As it stands in an address.</summary>
    public static string? ForAddress(this DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>null where the address names no time.</summary>
    public static DateTimeOffset? FromAddress(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
