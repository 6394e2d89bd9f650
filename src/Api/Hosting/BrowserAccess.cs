using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Routing.Template;

namespace SessionManager.Api.Hosting;

/// <summary>
/// Which addresses pages of other origins may call: those of the routes a client in a browser uses, and no other. Every answer there
/// says so, whatever its method and status: to a page, a refusal without these headers looks like a fault of the network.
/// Credentials travel in headers and never in cookies, so any origin may ask.
/// </summary>
sealed class BrowserAccess(RequestDelegate next, EndpointDataSource endpoints, ICorsService cors)
{
    static readonly TimeSpan PreflightLife = TimeSpan.FromHours(2);

    static readonly CorsPolicy Policy = new CorsPolicyBuilder()
        .AllowAnyOrigin()
        .AllowAnyHeader()
        .AllowAnyMethod()
        .WithExposedHeaders("Location", "ETag", "Retry-After")
        .SetPreflightMaxAge(PreflightLife)
        .Build();

    readonly Lazy<TemplateMatcher[]> _open = new(() => Open(endpoints));

    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Headers.ContainsKey(CorsConstants.Origin) || !IsOpen(context.Request.Path))
            return next(context);
        var result = cors.EvaluatePolicy(context, Policy);
        if (result.IsPreflightRequest)
        {
            cors.ApplyResult(result, context.Response);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        // At the last moment: what an error's answer clears does not take them with it.
        context.Response.OnStarting(() =>
        {
            cors.ApplyResult(result, context.Response);
            return Task.CompletedTask;
        });
        return next(context);
    }

    bool IsOpen(PathString path) => _open.Value.Any(route => route.TryMatch(path, []));

    static TemplateMatcher[] Open(EndpointDataSource endpoints) =>
    [
        .. endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<OpenToBrowsers>() is not null)
            .Select(endpoint => endpoint.RoutePattern.RawText!)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(pattern => new TemplateMatcher(TemplateParser.Parse(pattern), [])),
    ];
}

/// <summary>Marks a route that a client in a browser uses.</summary>
sealed record OpenToBrowsers;

static class BrowserAccessExtensions
{
    public static TBuilder OpenToBrowsers<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new OpenToBrowsers());
}
