using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Errors;

namespace SessionManager.Api.OpenApi;

/// <summary>
/// Adds to a route's description what its declarations say: who may call it, and every error it may answer with. The texts are
/// the catalogue's.
/// </summary>
sealed class RouteDescription : IOpenApiOperationTransformer
{
    const string RoutesSuffix = "Routes";

    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var access = metadata.OfType<Access>().Single();
        operation.OperationId = Name(metadata.OfType<MethodInfo>().Single());
        operation.Security = access.IsAnonymous
            ? []
            : [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(WholeDescription.Bearer, context.Document)] = [] }];
        operation.Description = $"{operation.Description}\n\n{WhoMayCall(access)}".Trim();

        var problem = await context.GetOrCreateSchemaAsync(typeof(ProblemBody), null, cancellationToken);
        context.Document!.AddComponent("Problem", problem);
        var codes = metadata.OfType<EndpointErrors>().SelectMany(errors => errors.Codes)
            .Concat(SharedCodes(access, hasBody: operation.RequestBody is not null))
            .Distinct();
        operation.Responses ??= [];
        foreach (var status in codes.Select(ErrorCatalogue.Find).GroupBy(kind => kind.Status).OrderBy(group => group.Key))
            operation.Responses[$"{status.Key}"] = Refusal(status, context.Document);
    }

    static IEnumerable<string> SharedCodes(Access access, bool hasBody)
    {
        if (!access.IsAnonymous)
        {
            yield return ErrorCatalogue.Unauthenticated;
            yield return ErrorCatalogue.InvalidToken;
        }

        if (!access.IsAnonymous && !access.ForSpectators)
        {
            if (access.KeysAllowed)
            {
                yield return ErrorCatalogue.InvalidKey;
                yield return ErrorCatalogue.KeysDisabled;
            }

            yield return ErrorCatalogue.InsufficientScope;
            if (access.KeysAllowed)
                yield return ErrorCatalogue.AddressNotAllowed;
            yield return access.Mints ? ErrorCatalogue.AccountSuspended : ErrorCatalogue.SuspendedAccount;
            if (access.AdminOnly)
                yield return ErrorCatalogue.Forbidden;
            if (access.Metered)
                yield return ErrorCatalogue.RateLimited;
        }

        if (hasBody)
        {
            yield return ErrorCatalogue.MalformedRequest;
            yield return ErrorCatalogue.InvalidValue;
            yield return ErrorCatalogue.PayloadTooLarge;
            yield return ErrorCatalogue.UnsupportedMediaType;
        }

        yield return ErrorCatalogue.Unavailable;
    }

    static OpenApiResponse Refusal(IEnumerable<ErrorKind> kinds, OpenApiDocument document)
    {
        var text = new StringBuilder();
        foreach (var kind in kinds)
            text.Append("- `").Append(kind.Code).Append("`: ").Append(kind.Title).Append('\n');
        return new OpenApiResponse
        {
            Description = text.ToString().TrimEnd(),
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [Problem.ContentType] = new OpenApiMediaType { Schema = new OpenApiSchemaReference("Problem", document) },
            },
        };
    }

    static string WhoMayCall(Access access)
    {
        var whose = access.AdminOnly ? "an administrator's" : "any";
        return access switch
        {
            { IsAnonymous: true, ChecksCredential: true } => "Open to everyone. Closed to API keys.",
            { IsAnonymous: true } => "Open to everyone.",
            { ForSpectators: true } => "For holders of a spectator token of this broadcast, here or as `?token=`. Closed to every login and API key.",
            { KeysAllowed: false } => $"For {whose} login. Closed to API keys.",
            { Scope: null } => $"For {whose} login or API key.",
            _ => $"For {whose} login, or {whose} API key with the scope `{access.Scope}`.",
        };
    }

    /// <summary>As <c>session.list</c>: the group of routes and the handler.</summary>
    static string Name(MethodInfo method)
    {
        var group = method.DeclaringType!.Name;
        group = group.EndsWith(RoutesSuffix, StringComparison.Ordinal) ? group[..^RoutesSuffix.Length] : group;
        return $"{JsonNamingPolicy.CamelCase.ConvertName(group)}.{JsonNamingPolicy.CamelCase.ConvertName(method.Name)}";
    }
}
