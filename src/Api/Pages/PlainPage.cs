using System.Collections.Frozen;
using Microsoft.AspNetCore.Http.HttpResults;

namespace SessionManager.Api.Pages;

/// <summary>
/// An embedded page without the console, and its files. It is the same for everyone and has no rights of its own: what it shows it asks
/// for, as any caller does.
/// </summary>
/// <param name="html">The page's file.</param>
/// <param name="video">Where the policy lets video come from, beside WebRTC.</param>
/// <param name="files">Styles and scripts, by name.</param>
sealed class PlainPage(string html, string video, params string[] files)
{
    // Nothing but this server's own files runs here and nobody else is asked: a key may be typed into the page.
    readonly string _policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        + $"media-src {video}; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

    readonly FileContentHttpResult _page = StaticFile.Embedded(html, "text/html; charset=utf-8");

    readonly FrozenDictionary<string, FileContentHttpResult> _byName = files.ToFrozenDictionary(
        name => name,
        name => StaticFile.Embedded(name, name.EndsWith(".css", StringComparison.Ordinal) ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8"),
        StringComparer.Ordinal);

    public FileContentHttpResult Open(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = _policy;
        response.Headers["Referrer-Policy"] = "no-referrer";
        return _page;
    }

    public Results<FileContentHttpResult, NotFound> File(string name) => _byName.TryGetValue(name, out var file) ? file : TypedResults.NotFound();
}
