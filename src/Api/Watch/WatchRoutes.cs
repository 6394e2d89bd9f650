using Microsoft.AspNetCore.Http.HttpResults;
using SessionManager.Api.Auth;
using SessionManager.Api.OpenApi;

namespace SessionManager.Api.Watch;

/// <summary>
/// A page that shows a broadcast. It is the same for everyone: the token that opens the broadcast stands behind the address's <c>#</c>,
/// and the page itself asks with it.
/// </summary>
static class WatchRoutes
{
    static readonly FileContentHttpResult Html = StaticFile.Embedded("watch.html", "text/html; charset=utf-8");
    static readonly FileContentHttpResult Style = StaticFile.Embedded("watch.css", "text/css; charset=utf-8");
    static readonly FileContentHttpResult Script = StaticFile.Embedded("watch.js", "text/javascript; charset=utf-8");
    static readonly FileContentHttpResult Viewer = StaticFile.Embedded("viewer.js", "text/javascript; charset=utf-8");

    public static void MapWatch(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/watch/{broadcast_id}", Page).Access(Access.Anonymous).ExcludeFromDescription();
        routes.MapGet("/watch/files/{file}", File).Access(Access.Anonymous).ExcludeFromDescription();
    }

    static FileContentHttpResult Page(HttpResponse response)
    {
        // As for the demo; but the video itself may come from anywhere, since nodes serve HLS themselves.
        response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; media-src http: https:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return Html;
    }

    static Results<FileContentHttpResult, NotFound> File(string file) => file switch
    {
        "watch.css" => Style,
        "watch.js" => Script,
        "viewer.js" => Viewer,
        _ => TypedResults.NotFound(),
    };
}
