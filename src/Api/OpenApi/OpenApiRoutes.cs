using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SessionManager.Api.Auth;
using SessionManager.Api.Pages;

namespace SessionManager.Api.OpenApi;

static class OpenApiRoutes
{
    const string Document = "v1";

    public static void AddApiDescription(this IServiceCollection services)
    {
        services.AddSingleton<ApiDescription>();
        services.AddOpenApi(Document, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer<WholeDescription>();
            options.AddOperationTransformer<RouteDescription>();
            options.AddSchemaTransformer<TypeDescription>();
        });
    }

    public static void MapApiDescription(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/openapi/v1.json", Describe).Access(Access.Anonymous).ExcludeFromDescription();
        routes.MapGet("/docs", Page).Access(Access.Anonymous).ExcludeFromDescription();
        routes.MapGet("/docs/{file}", File).Access(Access.Anonymous).ExcludeFromDescription();
    }

    static async Task<FileContentHttpResult> Describe(ApiDescription description) => await description.Json();

    static FileContentHttpResult Page(HttpResponse response)
    {
        // Nothing but this server's own files runs on the page or is asked for anything, and nobody puts it into a frame. Scalar writes
        // its styles into the page.
        response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; font-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        return StaticFile.Page;
    }

    static Results<FileContentHttpResult, NotFound> File(string file, HttpResponse response)
    {
        switch (file)
        {
            case "docs.js":
                return StaticFile.Script;
            case "docs.css":
                return StaticFile.Style;
            case "scalar.js":
                // As it is in the package: every browser takes it so.
                response.Headers.ContentEncoding = "gzip";
                return StaticFile.Scalar;
            default:
                return TypedResults.NotFound();
        }
    }

    /// <summary>Made at the first request for it: the routes do not change while the process runs.</summary>
    internal sealed class ApiDescription(IServiceProvider services)
    {
        readonly Lazy<Task<FileContentHttpResult>> _json = new(async () =>
        {
            var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Document).GetOpenApiDocumentAsync();
            using var text = new MemoryStream();
            await document.SerializeAsJsonAsync(text, OpenApiSpecVersion.OpenApi3_1);
            return StaticFile.Of(text.ToArray(), "application/json");
        });

        public Task<FileContentHttpResult> Json() => _json.Value;
    }
}
