using System.Globalization;

namespace SessionManager.Api.Minting;

/// <summary>The <c>wait</c> preference (RFC 7240, section 4.3): how long a caller would rather queue than hear 503.</summary>
static class Prefer
{
    public const int MaxWaitSeconds = 30;

    /// <summary>Seconds, at most <see cref="MaxWaitSeconds"/>; null where there is no such preference, or none that can be read.</summary>
    public static int? Wait(string? header)
    {
        foreach (var preference in (header ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            var parts = preference.Split(';', 2)[0].Split('=', 2, StringSplitOptions.TrimEntries);
            if (!parts[0].Equals("wait", StringComparison.OrdinalIgnoreCase))
                continue;
            // Only the first of several counts.
            return parts.Length == 2
                && uint.TryParse(parts[1].Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                ? (int)Math.Min(seconds, MaxWaitSeconds)
                : null;
        }

        return null;
    }
}
