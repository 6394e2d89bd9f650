using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SessionManager.Api.Console;

/// <summary>
/// The console's one page, naming its scripts and styles by their content (<c>console.3ovj6fur4p.css</c>): a browser keeps those for
/// good, and asks again only for the page.
/// </summary>
static partial class ConsolePage
{
    /// <param name="html">As it was written, with plain names.</param>
    /// <param name="manifest">What the publishing says of every file: the endpoints of its static web assets.</param>
    public static byte[] WithFingerprints(string html, Stream manifest)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(manifest);
        foreach (var endpoint in document.RootElement.GetProperty("Endpoints").EnumerateArray())
        {
            // One is for each way it is compressed; the plain name leads to all of them.
            if (endpoint.GetProperty("Selectors").GetArrayLength() == 0 && Label(endpoint) is { } label)
                names.TryAdd(label, endpoint.GetProperty("Route").GetString()!);
        }

        return Encoding.UTF8.GetBytes(Reference().Replace(html, found => names.GetValueOrDefault(found.Value, found.Value)));
    }

    /// <summary>The plain name of what has its fingerprint in its name; null for all others.</summary>
    static string? Label(JsonElement endpoint) => endpoint.GetProperty("EndpointProperties").EnumerateArray()
        .Where(property => property.GetProperty("Name").GetString() == "label")
        .Select(property => property.GetProperty("Value").GetString())
        .FirstOrDefault();

    [GeneratedRegex("""(?<=(?:src|href)=")[^"/:][^":]*(?=")""", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
