using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SessionManager.Api.Console;

/// <summary>
/// The console's one page, naming its scripts and styles by their content (<c>console.3ovj6fur4p.css</c>): a browser keeps those for
/// good, and asks again only for the page and for what comes from packages.
/// </summary>
static partial class ConsolePage
{
    /// <param name="html">As it was written, with plain names.</param>
    /// <param name="manifest">What the publishing says of every file: the endpoints of its static web assets.</param>
    public static byte[] WithFingerprints(string html, Stream manifest)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(manifest);
        var endpoints = document.RootElement.GetProperty("Endpoints").EnumerateArray().ToArray();
        // One more is for each way a file is compressed.
        var compressed = endpoints.Where(IsCompressed).Select(Route).ToHashSet(StringComparer.Ordinal);
        foreach (var endpoint in endpoints.Where(endpoint => !IsCompressed(endpoint)))
        {
            // What comes from a package is compressed under its plain name only: to ask for it again at each visit costs less.
            if (Label(endpoint) is { } label && (compressed.Contains(Route(endpoint)) || !compressed.Contains(label)))
                names.TryAdd(label, Route(endpoint));
        }

        return Encoding.UTF8.GetBytes(Reference().Replace(html, found => names.GetValueOrDefault(found.Value, found.Value)));
    }

    static bool IsCompressed(JsonElement endpoint) => endpoint.GetProperty("Selectors").GetArrayLength() > 0;

    static string Route(JsonElement endpoint) => endpoint.GetProperty("Route").GetString()!;

    /// <summary>The plain name of what has its fingerprint in its name; null for all others.</summary>
    static string? Label(JsonElement endpoint) => endpoint.GetProperty("EndpointProperties").EnumerateArray()
        .Where(property => property.GetProperty("Name").GetString() == "label")
        .Select(property => property.GetProperty("Value").GetString())
        .FirstOrDefault();

    [GeneratedRegex("""(?<=(?:src|href)=")[^"/:][^":]*(?=")""", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
