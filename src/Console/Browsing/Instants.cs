using System.Globalization;

namespace SessionManager.Console.Browsing;

static class Instants
{
    /// <summary>What a datetime-local field holds, read in the zone that times are shown in; null: it holds none.</summary>
    public static DateTimeOffset? Instant(this IBrowser browser, string? field, Preferences preferences)
    {
        if (!DateTime.TryParse(field, CultureInfo.InvariantCulture, DateTimeStyles.None, out var wall))
            return null;
        var utc = new DateTimeOffset(DateTime.SpecifyKind(wall, DateTimeKind.Utc));
        return preferences.Times == "utc" ? utc : utc + TimeSpan.FromMinutes(browser.MinutesBehindUtc(utc));
    }
}
