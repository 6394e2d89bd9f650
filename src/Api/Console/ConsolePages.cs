using Microsoft.Extensions.FileProviders;
using SessionManager.Api.Auth;
using SessionManager.Api.Pages;

namespace SessionManager.Api.Console;

/// <summary>
/// The console as this server gives it out: the files that its publishing left beside this program, and its one page at every
/// address that the console knows. All else stays what it was: an address that is nobody's is a 404 in JSON.
/// </summary>
static class ConsolePages
{
    /// <summary>
    /// Only this server's own files run on the page, nothing inline, and nobody puts it into a frame. <c>wasm-unsafe-eval</c> is what
    /// WebAssembly is compiled under; it lets no text be run as script.
    /// </summary>
    const string Policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        + "connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Its addresses, as <c>src/Console</c> declares them (<c>@page</c>).</summary>
    static readonly string[] Addresses =
    [
        "/", "/overview", "/sessions", "/sessions/{id:regex(^ses_)}", "/nodes", "/nodes/{id}", "/users", "/users/{id}", "/usage", "/audit",
        "/broadcasts", "/settings", "/settings/account", "/settings/display",
    ];

    static string Folder => Path.Combine(AppContext.BaseDirectory, "console");
    static string Manifest => Path.Combine(Folder, "SessionManager.Console.staticwebassets.endpoints.json");

    /// <summary>Whether this build has it: tests of the API do without.</summary>
    static bool IsThere => File.Exists(Manifest);

    public static void AddConsole(this WebApplicationBuilder builder)
    {
        if (IsThere)
            builder.Environment.WebRootFileProvider = new PhysicalFileProvider(Path.Combine(Folder, "wwwroot"));
    }

    public static void MapConsole(this WebApplication app)
    {
        if (!IsThere)
            return;
        app.MapStaticAssets(Manifest).Access(Access.Anonymous).Add(endpoint =>
        {
            var send = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
            {
                Protect(context.Response);
                return send(context);
            };
        });
        using var manifest = File.OpenRead(Manifest);
        var html = File.ReadAllText(Path.Combine(Folder, "wwwroot", "index.html"));
        var page = StaticFile.Of(ConsolePage.WithFingerprints(html, manifest), "text/html; charset=utf-8");
        foreach (var address in Addresses)
        {
            app.MapGet(address, (HttpResponse response) =>
            {
                Protect(response);
                response.Headers.CacheControl = "no-cache";
                return page;
            }).Access(Access.Anonymous).ExcludeFromDescription();
        }
    }

    static void Protect(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }
}
