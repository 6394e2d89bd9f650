using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SessionManager.Api.Auth;

namespace SessionManager.Tests.Auth;

/// <summary>Every route the server has, as it has them: a new one is in every test here without being added to any.</summary>
public sealed record Route(string Method, string Pattern, Access? Access)
{
    public static async Task<Route[]> All()
    {
        var server = await TestServer.OnSqlite();
        return [.. server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            // What is behind the dashboard's one route is there once somebody has looked.
            .Where(endpoint => !endpoint.RoutePattern.RawText!.StartsWith("/dashboard/", StringComparison.Ordinal) || endpoint.RoutePattern.RawText == "/dashboard/{**page}")
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                .Select(method => new Route(method, endpoint.RoutePattern.RawText!, endpoint.Metadata.GetMetadata<Access>())))];
    }

    /// <summary>Pages of Orleans' for a browser, and no part of the API.</summary>
    public bool IsOfDashboard => Pattern.StartsWith("/dashboard", StringComparison.Ordinal);

    /// <summary>Open to logins and keys, some or all, and to nobody else.</summary>
    public bool IsForCallers => Access is { IsAnonymous: false, ForSpectators: false };

    /// <summary>An address of the route. What its parameters name does not exist: whoever is let in hears so.</summary>
    public string Path => string.Join('/', Pattern.Split('/').Select(part => !part.StartsWith('{') ? part : part.EndsWith(":int}", StringComparison.Ordinal) ? "1" : "none"));

    public override string ToString() => $"{Method} {Pattern}";
}
