using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Hosting;
using SessionManager.Api.Keys;
using SessionManager.Api.Validation;
using SessionManager.Errors;

namespace SessionManager.Api.Tokens;

/// <param name="ApiKey">The key, <c>odn_</c> and 52 characters.</param>
public sealed record TokenRequest([property: Required] string? ApiKey);

/// <param name="TokenType">Always <c>Bearer</c>.</param>
/// <param name="ExpiresIn">Seconds.</param>
/// <param name="Scope">The key's scopes, separated by spaces.</param>
public sealed record AccessTokenAnswer(string AccessToken, string TokenType, int ExpiresIn, string? Scope);

static class TokenRoutes
{
    /// <summary>How long others may keep the key set: well below the time a new key is published before it signs.</summary>
    const int KeySetSeconds = 300;

    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        var tokens = routes.MapGroup("").Access(Access.Anonymous).WithTags("Credentials");
        tokens.MapPost("/auth/token", Exchange).OpenToBrowsers().Refuses(
            ErrorCatalogue.InvalidKey, ErrorCatalogue.KeysDisabled, ErrorCatalogue.SuspendedAccount,
            ErrorCatalogue.AddressNotAllowed, ErrorCatalogue.MalformedKey, ErrorCatalogue.RateLimited);
        tokens.MapGet("/.well-known/jwks.json", KeySet);
    }

    /// <summary>Exchanges an API key for a short-lived access token.</summary>
    /// <remarks>The token is still that key: it has the key's scopes and dies with the key.</remarks>
    internal static async Task<Results<Ok<AccessTokenAnswer>, Problem>> Exchange(
        TokenRequest request, CredentialResolver credentials, TokenService tokens, KeyUses uses, HttpContext http)
    {
        var check = new Validator();
        if (!check.Required(request.ApiKey, "api_key"))
            return check.Problem!;
        if (!credentials.IsWellFormed(request.ApiKey))
            return Problem.Of(ErrorCatalogue.MalformedKey);

        var found = await credentials.ByKey(request.ApiKey, metered: true, http.Connection.RemoteIpAddress);
        if ((found.Refusal ?? Access.AnyBearer.Judge(found.Value!)) is { } refusal)
            return (Problem)refusal;
        var caller = found.Value!;
        await uses.Note(caller.KeyId!);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new AccessTokenAnswer(
            await tokens.ForKey(caller.AccountId, caller.KeyId!), "Bearer", tokens.AccessTokenSeconds, string.Join(' ', caller.Scopes)));
    }

    /// <summary>The public keys that tokens are signed with: the current one and those that overlap.</summary>
    internal static async Task<Results<Ok<JsonWebKeySetDocument>, StatusCodeHttpResult>> KeySet(SigningKeyCache keys, HttpContext context)
    {
        var document = (await keys.Current()).Document;
        var headers = context.Response.GetTypedHeaders();
        headers.ETag = new EntityTagHeaderValue(document.ETag);
        headers.CacheControl = new CacheControlHeaderValue { Public = true, MaxAge = TimeSpan.FromSeconds(KeySetSeconds) };
        var known = context.Request.GetTypedHeaders().IfNoneMatch;
        return known.Any(tag => tag.Compare(headers.ETag, useStrongComparison: false) || tag.Equals(EntityTagHeaderValue.Any))
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(document);
    }
}
