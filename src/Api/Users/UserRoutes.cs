using Microsoft.AspNetCore.Http.HttpResults;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Api.Admin;
using SessionManager.Api.Audit;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Tokens;
using SessionManager.Api.Validation;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Users;

namespace SessionManager.Api.Users;

/// <summary>A name and a password, of whatever shape: a wrong one is answered as any other wrong one is.</summary>
public sealed record LoginRequest([property: Required] string? Username, [property: Required] string? Password);

/// <param name="Needed">Whether there is no administrator yet.</param>
public sealed record SetupAnswer(bool Needed);

/// <param name="Password">The present one.</param>
/// <param name="NewPassword">8 to 128 characters.</param>
public sealed record PasswordRequest([property: Required] string? Password, [property: Required] string? NewPassword);

static class UserRoutes
{
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api").WithTags("Users");
        users.MapPost("/auth/login", LogIn).Access(Access.Anonymous).Refuses(
            ErrorCatalogue.InvalidValue, ErrorCatalogue.InvalidLogin, ErrorCatalogue.TooManyLogins, ErrorCatalogue.SuspendedAccount);
        users.MapGet("/setup", Setup).Access(Access.Anonymous);
        users.MapPost("/setup", SetUp).Access(Access.AnonymousOrLogin).Refuses(
            ErrorCatalogue.InsufficientScope, ErrorCatalogue.InvalidToken, ErrorCatalogue.InvalidKey, ErrorCatalogue.InvalidValue,
            ErrorCatalogue.SetupDone);
        users.MapPost("/users/me/password", ChangePassword).Access(Access.LoginOnly)
            .Refuses(ErrorCatalogue.InvalidValue, ErrorCatalogue.WrongPassword, ErrorCatalogue.TooManyLogins);
        users.MapGet("/users/me", Me).Access(Access.Bearer(Scopes.ProfileRead));
    }

    /// <summary>Exchanges a user's name and password for an access token.</summary>
    /// <remarks>
    /// The token is not scope-checked and opens what the user may do. It is void once the password is changed. After repeated
    /// failures, of one user or from one address, the next try has to wait.
    /// </remarks>
    internal static async Task<Results<Ok<AccessTokenAnswer>, Problem>> LogIn(
        LoginRequest request, Logins logins, TokenService tokens, AuditTrail audit, HttpContext http, CancellationToken cancellation)
    {
        var check = new Validator();
        if (!check.Required(request.Username, "username") | !check.Required(request.Password, "password"))
            return check.Problem!;
        var login = await logins.Check(request.Username!, request.Password!, http.Connection.RemoteIpAddress, cancellation);
        if (login.Refusal is { } refusal)
        {
            if (refusal.Code == ErrorCatalogue.InvalidLogin)
                await audit.Record(http, AuditAction.LoginFailed, UserIds.Of(request.Username!));
            return (Problem)refusal;
        }

        await audit.Record(http, AuditAction.LoginSucceeded, login.Value.AccountId);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new AccessTokenAnswer(
            await tokens.ForLogin(login.Value.AccountId, login.Value.Epoch), "Bearer", tokens.AccessTokenSeconds, null));
    }

    /// <summary>Whether this server is new and waits for its first administrator.</summary>
    internal static async Task<Ok<SetupAnswer>> Setup(IGrainFactory grains) =>
        TypedResults.Ok(new SetupAnswer(!await grains.GetGrain<IAdministratorsGrain>(IAdministratorsGrain.Key).IsClaimed()));

    /// <summary>Makes the first administrator of a new server.</summary>
    /// <remarks>Only while there is none. Of several requests at once, one makes an administrator.</remarks>
    internal static async Task<Results<Created<UserAnswer>, Problem>> SetUp(
        UserRequest request, UserRules rules, UserDirectory users, IGrainFactory grains, AuditTrail audit, HttpContext http,
        CancellationToken cancellation)
    {
        var check = new Validator();
        rules.Check(check, request);
        if (check.Problem is { } problem)
            return problem;
        var id = UserIds.Of(request.Username!);
        if (!await grains.GetGrain<IAdministratorsGrain>(IAdministratorsGrain.Key).Claim(id) || await users.Find(id) is not null)
            return Problem.Of(ErrorCatalogue.SetupDone);
        await audit.Record(http, AuditAction.Setup, id);
        var made = await users.Create(request.Username!, request.Password!, new AccountSettings { IsAdmin = true }, cancellation);
        return made.Ok ? TypedResults.Created("/api/users/me", made.Value) : Problem.Of(ErrorCatalogue.SetupDone);
    }

    /// <summary>Changes your password and ends every login but the one this is asked with.</summary>
    /// <remarks>Wrong guesses of the present password count as failed logins do.</remarks>
    internal static async Task<Results<NoContent, Problem>> ChangePassword(
        PasswordRequest request, Caller caller, UserRules rules, Logins logins, AuditTrail audit, HttpContext http,
        CancellationToken cancellation)
    {
        var check = new Validator();
        check.Required(request.Password, "password");
        if (check.Required(request.NewPassword, "new_password"))
            rules.CheckPassword(check, request.NewPassword, "new_password");
        if (check.Problem is { } problem)
            return problem;
        await audit.Record(http, AuditAction.PasswordChange, caller.AccountId);
        var refusal = await logins.ChangePassword(
            caller.AccountId, caller.LoginId!, request.Password!, request.NewPassword!, http.Connection.RemoteIpAddress, cancellation);
        if (refusal is null)
            return TypedResults.NoContent();
        await audit.Record(http, AuditAction.PasswordChangeRefused, caller.AccountId, refusal.Code);
        return refusal.Code == ErrorCatalogue.WrongPassword
            ? new Problem(refusal, [new FieldError("password", "is not the present one")])
            : (Problem)refusal;
    }

    /// <summary>The user behind the credential.</summary>
    internal static async Task<Results<Ok<UserAnswer>, Problem>> Me(Caller caller, UserDirectory users) =>
        await users.Find(caller.AccountId) is { } me ? TypedResults.Ok(me) : Problem.Of(ErrorCatalogue.UserNotFound);
}
