using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Api.Audit;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Keys;
using SessionManager.Api.Users;
using SessionManager.Api.Validation;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Lists;
using SessionManager.Users;

namespace SessionManager.Api.Admin;

static class AdminUserRoutes
{
    public static void MapAdminUsers(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapAdministration();
        users.MapGet("/users", List).Refuses(ErrorCatalogue.InvalidValue);
        users.MapPost("/users", Create).Refuses(ErrorCatalogue.InvalidValue, ErrorCatalogue.UsernameTaken);
        users.MapGet("/users/{user_id}", Find).Refuses(ErrorCatalogue.UserNotFound);
        users.MapPatch("/users/{user_id}", Change)
            .Refuses(ErrorCatalogue.UserNotFound, ErrorCatalogue.InvalidValue, ErrorCatalogue.LastAdministrator);
        users.MapGet("/users/{user_id}/keys", Keys).Refuses(ErrorCatalogue.UserNotFound);
        users.MapDelete("/users/{user_id}/keys/{key_id}", RevokeKey)
            .Refuses(ErrorCatalogue.UserNotFound, ErrorCatalogue.KeyNotFound, ErrorCatalogue.InvalidValue);
    }

    /// <summary>Everyone who has an account, by name.</summary>
    /// <param name="search">Only those whose name has this in it.</param>
    /// <param name="limit">1 to 200; left out: 50.</param>
    /// <param name="cursor">From the page before; left out: the first page.</param>
    internal static async Task<Results<Ok<Page<UserAnswer>>, Problem>> List(
        UserDirectory users, string? search, string? limit, string? cursor, CancellationToken cancellation)
    {
        var check = new Validator();
        var size = Paging.Limit(limit, check);
        return check.Problem is { } problem
            ? problem
            : await Paging.Read(cursor, () => users.List(search, cursor, size, cancellation));
    }

    /// <summary>Makes a user with an account. They start without API keys.</summary>
    internal static async Task<Results<Created<UserAnswer>, Problem>> Create(
        UserRequest request, UserRules rules, UserDirectory users, AuditTrail audit, HttpContext http, CancellationToken cancellation)
    {
        var check = new Validator();
        rules.Check(check, request);
        if (check.Problem is { } problem)
            return problem;
        var id = UserIds.Of(request.Username!);
        if (await users.Find(id) is not null)
            return Problem.Of(ErrorCatalogue.UsernameTaken);
        await audit.Record(http, AuditAction.UserCreate, id, request.Username);
        var made = await users.Create(request.Username!, request.Password!, new AccountSettings(), cancellation);
        return made.Ok ? TypedResults.Created($"/api/admin/users/{id}", made.Value) : (Problem)made.Refusal!;
    }

    /// <summary>One user and their account.</summary>
    internal static async Task<Results<Ok<UserAnswer>, Problem>> Find([FromRoute(Name = "user_id")] string userId, UserDirectory users) =>
        await users.Find(userId) is { } user ? TypedResults.Ok(user) : Problem.Of(ErrorCatalogue.UserNotFound);

    /// <summary>Changes a user's permissions, limits or password. It holds everywhere, from their next request on.</summary>
    internal static async Task<Results<Ok<UserAnswer>, Problem>> Change(
        [FromRoute(Name = "user_id")] string userId, UserChange change, UserRules rules, UserDirectory users, Passwords passwords,
        IGrainFactory grains, AuditTrail audit, HttpContext http, CancellationToken cancellation)
    {
        var check = new Validator();
        change.Check(check, rules);
        if (check.Problem is { } problem)
            return problem;
        if (await users.Find(userId) is not { } user)
            return Problem.Of(ErrorCatalogue.UserNotFound);
        if (change == new UserChange())
            return TypedResults.Ok(user);
        var hash = change.Password is null ? null : await passwords.Hash(change.Password, cancellation);
        await audit.Record(http, AuditAction.UserChange, userId, change.Describe());
        if (await ChangeAccount(grains, userId, change.OfAccount()) is { } refusal)
        {
            await audit.Record(http, AuditAction.UserChangeRefused, userId, refusal.Code);
            return (Problem)refusal;
        }

        if (hash is not null)
        {
            // In this order: a login with the old password that came between would outlive the other.
            await grains.GetGrain<IUserGrain>(userId).SetPasswordHash(hash);
            await grains.GetGrain<IAccountGrain>(userId).Change(new AccountChange { EndLogins = true });
        }

        return await Find(userId, users);
    }

    static async Task<Refusal?> ChangeAccount(IGrainFactory grains, string userId, AccountChange change)
    {
        if (change.IsAdmin is not null || change.Suspended is not null)
            return (await grains.GetGrain<IAdministratorsGrain>(IAdministratorsGrain.Key).Change(userId, change)).Refusal;
        await grains.GetGrain<IAccountGrain>(userId).Change(change);
        return null;
    }

    /// <summary>A user's API keys, oldest first.</summary>
    internal static async Task<Results<Ok<Page<ApiKey>>, Problem>> Keys(
        [FromRoute(Name = "user_id")] string userId, UserDirectory users, AccountKeys keys) =>
        await users.Find(userId) is null
            ? Problem.Of(ErrorCatalogue.UserNotFound)
            : TypedResults.Ok(new Page<ApiKey>(await keys.List(userId), null));

    /// <summary>Revokes anyone's API key, for good and at once.</summary>
    /// <remarks>Sessions that it minted and that were never connected are dropped with it.</remarks>
    /// <param name="dropSessions">`true`: drop those that are connected as well.</param>
    internal static async Task<Results<NoContent, Problem>> RevokeKey(
        [FromRoute(Name = "user_id")] string userId,
        [FromRoute(Name = "key_id")] string keyId,
        [FromQuery(Name = "drop_sessions")] string? dropSessions,
        UserDirectory users, AccountKeys keys, HttpContext http)
    {
        var check = new Validator();
        var drop = check.Flag(dropSessions, "drop_sessions");
        if (check.Problem is { } problem)
            return problem;
        if (await users.Find(userId) is null)
            return Problem.Of(ErrorCatalogue.UserNotFound);
        return await keys.Revoke(userId, keyId, drop, http) is { } refusal ? (Problem)refusal : TypedResults.NoContent();
    }
}
