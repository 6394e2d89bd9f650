using Microsoft.AspNetCore.Http.HttpResults;
using SessionManager.Api.Auth;
using SessionManager.Api.Pages;

namespace SessionManager.Api.Demo;

/// <summary>A stream to try in a browser: whoever opens the page signs in, mints like any caller, and connects.</summary>
static class DemoRoutes
{
    static readonly PlainPage Demo = new("demo.html", video: "'none'", "theme.css", "demo.css", "demo.js", "stream-client.js");

    public static void MapDemo(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/demo", Page).Access(Access.Anonymous).ExcludeFromDescription();
        routes.MapGet("/demo/{file}", File).Access(Access.Anonymous).ExcludeFromDescription();
    }

    static FileContentHttpResult Page(HttpResponse response) => Demo.Open(response);

    static Results<FileContentHttpResult, NotFound> File(string file) => Demo.File(file);
}
