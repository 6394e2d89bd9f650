using Microsoft.Extensions.Primitives;

namespace SessionManager.Api.Signaling;

/// <summary>
/// The pages that may open a client's socket. Browsers say on whose behalf they connect, and don't keep a page from doing it as
/// they would with a request (RFC 6455, section 10.2).
/// </summary>
static class Origins
{
    /// <param name="allowed">Separated by commas; empty: all.</param>
    public static bool Allows(string? allowed, StringValues origin) =>
        string.IsNullOrWhiteSpace(allowed) || origin.Count == 0
        || allowed.Split(',', StringSplitOptions.TrimEntries).Contains(origin.ToString(), StringComparer.OrdinalIgnoreCase);
}
