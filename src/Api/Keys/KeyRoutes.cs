using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SessionManager.Accounts;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Validation;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Lists;

namespace SessionManager.Api.Keys;

/// <param name="Name">1 to 100 characters, to tell the key by.</param>
/// <param name="Scopes">What it may do, at least one; as few as it needs.</param>
/// <param name="ExpiresAt">When it stops by itself; left out: never.</param>
/// <param name="AllowedNetworks">
/// The only addresses and networks (<c>203.0.113.7</c>, <c>2001:db8::/32</c>) it may be used from, 1 to 20; left out: anywhere.
/// </param>
public sealed record KeyRequest(
    [property: Required] string? Name,
    [property: Required] ImmutableArray<string>? Scopes,
    DateTimeOffset? ExpiresAt = null,
    ImmutableArray<string>? AllowedNetworks = null);

/// <param name="GraceSeconds">How long the old key goes on, 0 to 2,592,000 (30 days); left out: 0.</param>
public sealed record RotationRequest(int? GraceSeconds = null);

/// <param name="Key">The key itself. It is shown this once and kept nowhere.</param>
/// <param name="Prefix">Its first characters, as lists show them.</param>
public sealed record NewKeyAnswer(
    string Id, string Key, string Name, string Prefix, ImmutableArray<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    ImmutableArray<string>? AllowedNetworks);

static class KeyRoutes
{
    const int MaxName = 100;
    const int MaxNetworks = 20;
    const int MaxGraceSeconds = 2_592_000;

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/api/users/me").Access(Access.LoginOnly).WithTags("API keys").Refuses(ErrorCatalogue.KeysDisabled);
        keys.MapGet("/keys", List);
        keys.MapPost("/keys", Create).Refuses(ErrorCatalogue.Forbidden, ErrorCatalogue.InvalidValue, ErrorCatalogue.TooManyKeys);
        keys.MapPost("/keys/{key_id}/rotate", Rotate).Refuses(
            ErrorCatalogue.KeyNotFound, ErrorCatalogue.KeyRotated, ErrorCatalogue.KeyEnded, ErrorCatalogue.Forbidden,
            ErrorCatalogue.InvalidValue, ErrorCatalogue.TooManyKeys);
        keys.MapDelete("/keys/{key_id}", Revoke).Refuses(ErrorCatalogue.KeyNotFound, ErrorCatalogue.InvalidValue);
    }

    /// <summary>Your API keys, oldest first. None of them can be shown again.</summary>
    internal static async Task<Results<Ok<Page<ApiKey>>, Problem>> List(Caller caller, AccountKeys keys) => MayHaveKeys(caller.Account)
        ? TypedResults.Ok(new Page<ApiKey>(await keys.List(caller.AccountId), null))
        : Problem.Of(ErrorCatalogue.KeysDisabled);

    /// <summary>Makes an API key. The answer is the only place where the key is ever shown.</summary>
    internal static async Task<Results<Created<NewKeyAnswer>, Problem>> Create(
        KeyRequest request, Caller caller, AccountKeys keys, TimeProvider time, HttpContext http)
    {
        if (!MayHaveKeys(caller.Account))
            return Problem.Of(ErrorCatalogue.KeysDisabled);
        var check = new Validator();
        check.Text(request.Name, "name", MaxName);
        if (check.Required(request.Scopes, "scopes"))
        {
            check.That(request.Scopes.Value.Length > 0, "scopes", "must have at least one");
            var unknown = request.Scopes.Value.Select(scope => scope ?? "null").Where(scope => !Scopes.All.Contains(scope)).Select(Quoted).Distinct().Order().ToList();
            check.That(
                unknown.Count == 0,
                "scopes",
                $"has {string.Join(", ", unknown)}, which are none of {string.Join(", ", Scopes.All.Order())}");
        }

        check.That(!(request.ExpiresAt <= time.GetUtcNow()), "expires_at", "must be in the future");
        check.That(
            request.AllowedNetworks is not { } networks
                || networks.Length is > 0 and <= MaxNetworks && networks.All(network => Networks.TryParse(network, out _)),
            "allowed_networks",
            $"must be 1 to {MaxNetworks} addresses or networks like 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32, with no bits set behind the prefix");
        if (check.Problem is { } problem)
            return problem;
        var wanted = new NewKey(request.Name!, [.. request.Scopes!.Value.Distinct().Order()], request.ExpiresAt, request.AllowedNetworks);
        return Answer(await keys.Create(caller.Account, wanted, http), http);
    }

    /// <summary>Replaces an API key by a new one of the same name, scopes and networks. The answer is the only place where it is ever shown.</summary>
    /// <remarks>The old key goes on for the time asked for, so that it can be replaced wherever it is used, and then stops.</remarks>
    internal static async Task<Results<Created<NewKeyAnswer>, Problem>> Rotate(
        [FromRoute(Name = "key_id")] string keyId, RotationRequest request, Caller caller, AccountKeys keys, HttpContext http)
    {
        if (!MayHaveKeys(caller.Account))
            return Problem.Of(ErrorCatalogue.KeysDisabled);
        var check = new Validator();
        check.Range(request.GraceSeconds, "grace_seconds", 0, MaxGraceSeconds);
        return check.Problem is { } problem
            ? problem
            : Answer(await keys.Rotate(caller.Account, keyId, TimeSpan.FromSeconds(request.GraceSeconds ?? 0), http), http);
    }

    static Results<Created<NewKeyAnswer>, Problem> Answer(Result<NewKeyAnswer> made, HttpContext http)
    {
        if (made.Refusal is { } refusal)
            return (Problem)refusal;
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/users/me/keys/{made.Value!.Id}", made.Value);
    }

    /// <summary>Revokes an API key, for good and at once.</summary>
    /// <remarks>Sessions that it minted and that were never connected are dropped with it.</remarks>
    /// <param name="dropSessions">`true`: drop those that are connected as well.</param>
    internal static async Task<Results<NoContent, Problem>> Revoke(
        [FromRoute(Name = "key_id")] string keyId,
        [FromQuery(Name = "drop_sessions")] string? dropSessions,
        Caller caller, AccountKeys keys, HttpContext http)
    {
        if (!MayHaveKeys(caller.Account))
            return Problem.Of(ErrorCatalogue.KeysDisabled);
        var check = new Validator();
        var drop = check.Flag(dropSessions, "drop_sessions");
        if (check.Problem is { } problem)
            return problem;
        return await keys.Revoke(caller.AccountId, keyId, drop, http) is { } refusal
            ? (Problem)refusal
            : TypedResults.NoContent();
    }

    static bool MayHaveKeys(AccountAccess account) => account.KeysEnabled || account.IsAdmin;

    /// <summary>An unknown scope is named, as far as it can be one: it is the caller's own text.</summary>
    static string Quoted(string scope) => $"\"{(scope.Length > 40 ? scope[..40] + "…" : scope)}\"";
}
