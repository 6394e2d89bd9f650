using Microsoft.AspNetCore.Http.HttpResults;
using SessionManager.Api.Auth;
using SessionManager.Api.OpenApi;

namespace SessionManager.Api.Demo;

/// <summary>
/// A stream to try in a browser. The page has no rights of its own: whoever opens it signs in, mints like any caller, and connects.
/// </summary>
static class DemoRoutes
{
    static readonly FileContentHttpResult Html = StaticFile.Embedded("demo.html", "text/html; charset=utf-8");
    static readonly FileContentHttpResult Theme = StaticFile.Embedded("theme.css", "text/css; charset=utf-8");
    static readonly FileContentHttpResult Style = StaticFile.Embedded("demo.css", "text/css; charset=utf-8");
    static readonly FileContentHttpResult Script = StaticFile.Embedded("demo.js", "text/javascript; charset=utf-8");
    static readonly FileContentHttpResult Client = StaticFile.Embedded("stream-client.js", "text/javascript; charset=utf-8");

    public static void MapDemo(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/demo", Page).Access(Access.Anonymous).ExcludeFromDescription();
        routes.MapGet("/demo/{file}", File).Access(Access.Anonymous).ExcludeFromDescription();
    }

    static FileContentHttpResult Page(HttpResponse response)
    {
        // Nothing but this server's own files runs here and nobody else is asked: a key is typed into this page.
        response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return Html;
    }

    static Results<FileContentHttpResult, NotFound> File(string file) => file switch
    {
        "theme.css" => Theme,
        "demo.css" => Style,
        "demo.js" => Script,
        "stream-client.js" => Client,
        _ => TypedResults.NotFound(),
    };
}
