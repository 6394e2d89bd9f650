using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using SessionManager.Api.Errors;
using SessionManager.Errors;

namespace SessionManager.Api.Auth;

/// <summary>
/// Reads the Bearer credential (RFC 6750), resolves it to a <see cref="Caller"/>, and answers where there is none or it may
/// not do this. That a key lives is asked of its account at every request: a revoked one is dead at once, in every process.
/// </summary>
sealed class CredentialHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    CredentialResolver resolver) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "Bearer";
    const string Prefix = "Bearer ";
    const string Realm = "session-manager";

    static readonly AuthenticateResult Refused = AuthenticateResult.Fail("refused");

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.GetEndpoint()?.Metadata.GetMetadata<Access>() is not { ChecksCredential: true } access)
            return AuthenticateResult.NoResult();
        if (access.ForSpectators)
            return await AuthenticateSpectator();
        var header = Request.Headers.Authorization;
        if (header.Count == 0)
            return AuthenticateResult.NoResult();
        if (Credential(header) is not { } credential)
            return Refuse(new Refusal(ErrorCatalogue.Unauthenticated));

        var found = await resolver.Resolve(credential, access.Metered, Context.Connection.RemoteIpAddress);
        if (found.Refusal is { } refusal)
            return Refuse(refusal);

        var caller = found.Value!;
        Context.Features.Set(caller);
        var rate = caller.Account.Rate;
        Response.Headers["RateLimit-Limit"] = rate.Limit.ToString(CultureInfo.InvariantCulture);
        Tell(rate.Remaining, rate.ResetSeconds);
        var identity = new ClaimsIdentity([new Claim("sub", caller.AccountId)], Scheme, "sub", null);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme));
    }

    /// <summary>The published clients send the token in the query, others as a Bearer credential.</summary>
    async Task<AuthenticateResult> AuthenticateSpectator()
    {
        var header = Request.Headers.Authorization;
        var credential = header.Count > 0 ? Credential(header) : Request.Query["token"] is [{ Length: > 0 } inQuery] ? inQuery : null;
        if (credential is null)
            return AuthenticateResult.NoResult();
        var found = await resolver.ResolveSpectator(credential);
        if (found is null || !string.Equals(found.BroadcastId, Request.RouteValues["broadcast_id"] as string, StringComparison.Ordinal))
            return Refuse(new Refusal(ErrorCatalogue.InvalidToken));
        Context.Features.Set(found);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(Scheme)), Scheme));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var refusal = Context.Features.Get<Refusal>() ?? new Refusal(ErrorCatalogue.Unauthenticated);
        if (ErrorCatalogue.Find(refusal.Code).Status == StatusCodes.Status401Unauthorized)
            Response.Headers[HeaderNames.WWWAuthenticate] = refusal.Code == ErrorCatalogue.Unauthenticated
                ? $"Bearer realm=\"{Realm}\""
                : $"Bearer realm=\"{Realm}\", error=\"invalid_token\"";
        if (refusal is { Code: ErrorCatalogue.RateLimited, RetryAfterSeconds: { } wait })
            Tell(remaining: 0, reset: wait);
        return ((Problem)refusal).ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var refusal = Context.Features.Get<Refusal>() ?? new Refusal(ErrorCatalogue.Forbidden);
        if (refusal.Code == ErrorCatalogue.InsufficientScope)
        {
            var scope = Context.GetEndpoint()?.Metadata.GetMetadata<Access>()?.Scope;
            Response.Headers[HeaderNames.WWWAuthenticate] = scope is null
                ? $"Bearer realm=\"{Realm}\", error=\"insufficient_scope\""
                : $"Bearer realm=\"{Realm}\", error=\"insufficient_scope\", scope=\"{scope}\"";
        }

        return ((Problem)refusal).ExecuteAsync(Context);
    }

    /// <summary>The Bearer credential in an Authorization header; null: there is none.</summary>
    internal static string? Credential(StringValues header) =>
        header.Count == 1 && header[0] is { } value && value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            ? value[Prefix.Length..].Trim()
            : null;

    AuthenticateResult Refuse(Refusal refusal)
    {
        Context.Features.Set(refusal);
        return Refused;
    }

    void Tell(int remaining, int reset)
    {
        Response.Headers["RateLimit-Remaining"] = remaining.ToString(CultureInfo.InvariantCulture);
        Response.Headers["RateLimit-Reset"] = reset.ToString(CultureInfo.InvariantCulture);
    }
}
