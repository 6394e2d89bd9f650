using Microsoft.AspNetCore.Http.HttpResults;
using SessionManager.Api.Auth;
using SessionManager.Api.Pages;

namespace SessionManager.Api.Watch;

/// <summary>
/// A page that shows a broadcast. The token that opens the broadcast stands behind the address's <c>#</c>, and the page itself asks with it.
/// </summary>
static class WatchRoutes
{
    /// <summary>Its video may come from anywhere, since nodes serve HLS themselves.</summary>
    static readonly PlainPage Watch = new("watch.html", video: "http: https:", "watch.css", "watch.js", "viewer.js");

    public static void MapWatch(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/watch/{broadcast_id}", Page).Access(Access.Anonymous).ExcludeFromDescription();
        routes.MapGet("/watch/files/{file}", File).Access(Access.Anonymous).ExcludeFromDescription();
    }

    static FileContentHttpResult Page(HttpResponse response) => Watch.Open(response);

    static Results<FileContentHttpResult, NotFound> File(string file) => Watch.File(file);
}
