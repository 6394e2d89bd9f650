using System.Globalization;

namespace SessionManager.Storage;

/// <summary>Days (UTC) as the tables have them: <c>2026-11-26</c>, which sorts as it reads.</summary>
static class Day
{
    const string Format = "yyyy-MM-dd";

    public static string ToColumn(DateOnly day) => day.ToString(Format, CultureInfo.InvariantCulture);
    public static DateOnly FromColumn(string day) => DateOnly.ParseExact(day, Format, CultureInfo.InvariantCulture);
}
