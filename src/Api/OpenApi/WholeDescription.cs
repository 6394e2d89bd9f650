using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SessionManager.Errors;

namespace SessionManager.Api.OpenApi;

/// <summary>What the API description says of the API as a whole.</summary>
sealed class WholeDescription : IOpenApiDocumentTransformer
{
    public const string Bearer = "bearer";

    const string About =
        """
        Mints short-lived sessions for interactive streaming, hands their tokens to browsers instead of an API key, and keeps every account within its limits.

        Every request but the anonymous ones carries `Authorization: Bearer` with an API key, an access token got for one, or a login. Every answer has an `X-Request-Id`; answers to a credential tell its rate in `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds).

        Every error is `application/problem+json` (RFC 9457) with a stable `code`; [all of them](/docs#errors), and what to do about each. Times are RFC 3339 in UTC. Unknown members of a body are refused; members without a value are left out of answers.
        """;

    static readonly (string Name, string About)[] Tags =
    [
        ("Credentials", "Mint a session and hand its token to a browser."),
        ("Sessions", "Look at sessions and end them."),
        ("Nodes", "Streaming nodes register, report and leave."),
        ("Signaling", "Where clients and nodes meet."),
        ("Broadcasts", "Let others watch a session."),
        ("Events", "Sessions, nodes and keys as they change."),
        ("Usage", "What the account has used."),
        ("Users", "Log in, and the first administrator."),
        ("API keys", "A user's own keys."),
        ("Administration", "Everyone's accounts, keys and sessions, and who did what."),
        ("Health", "For whatever watches over the process."),
    ];

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "Session manager", Version = "1", Description = About };
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API key, an access token got for one, or a login.",
            },
        };
        document.Tags = Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.About }).ToHashSet();
        document.Extensions = new Dictionary<string, IOpenApiExtension> { ["x-errors"] = new JsonNodeExtension(Errors()) };
        foreach (var schema in (document.Components.Schemas ?? new Dictionary<string, IOpenApiSchema>()).Values)
        {
            foreach (var (name, property) in schema.Properties?.ToArray() ?? [])
                schema.Properties![name] = WithoutNull(property);
        }

        foreach (var body in document.Paths.Values.SelectMany(path => path.Operations!.Values).Select(operation => operation.RequestBody))
        {
            foreach (var content in body?.Content?.Values ?? [])
                content.Schema = WithoutNull(content.Schema!);
        }

        return Task.CompletedTask;
    }

    /// <summary>A member that may be null in our records is one that may be left out on the wire.</summary>
    static IOpenApiSchema WithoutNull(IOpenApiSchema schema) =>
        schema.OneOf is [{ Type: JsonSchemaType.Null }, var only] ? only : schema;

    static JsonArray Errors() => [.. ErrorCatalogue.All.OrderBy(kind => kind.Status).Select(kind => new JsonObject
    {
        ["code"] = kind.Code,
        ["status"] = kind.Status,
        ["title"] = kind.Title,
        ["action"] = kind.Action,
    })];
}
