using Microsoft.AspNetCore.Authorization;
using SessionManager.Errors;

namespace SessionManager.Api.Auth;

/// <summary>
/// Who may call a route. Every route has exactly one; a route without is closed to everyone and fails a test. A key needs the
/// exact scope; a login is not scope-checked (seed: API keys).
/// </summary>
public sealed record Access : IAuthorizationRequirement
{
    Access()
    {
    }

    /// <summary>Anyone, without credential.</summary>
    public static Access Anonymous { get; } = new() { IsAnonymous = true, ChecksCredential = false };

    /// <summary>Anyone without a credential or with a login; never a key, and no credential that is none.</summary>
    public static Access AnonymousOrLogin { get; } = new() { IsAnonymous = true };

    /// <summary>Any login and any living key.</summary>
    public static Access AnyBearer { get; } = new() { KeysAllowed = true };

    /// <summary>Any login, and the keys that hold <paramref name="scope"/>.</summary>
    public static Access Bearer(string scope) => new() { KeysAllowed = true, Scope = scope };

    /// <summary>A login; never a key.</summary>
    public static Access LoginOnly { get; } = new();

    /// <summary>An administrator's login; never a key, whoever owns it.</summary>
    public static Access AdminLoginOnly { get; } = new() { AdminOnly = true };

    /// <summary>Who holds a spectator token of the broadcast that the route names as <c>broadcast_id</c>; nobody else, whoever it is.</summary>
    public static Access Spectator { get; } = new() { ForSpectators = true, Metered = false };

    public bool IsAnonymous { get; private init; }

    public bool ForSpectators { get; private init; }

    /// <summary>Whether a credential that comes is looked at.</summary>
    public bool ChecksCredential { get; private init; } = true;
    public bool KeysAllowed { get; private init; }

    /// <summary>What a key must hold; null: nothing in particular.</summary>
    public string? Scope { get; private init; }

    /// <summary>Whether the account must be an administrator's, at this very request.</summary>
    public bool AdminOnly { get; init; }

    /// <summary>Whether a request counts against the account's rate. A node's reports do not.</summary>
    public bool Metered { get; init; } = true;

    /// <summary>Whether a suspended account is told so as a usage error (429), as the published client expects of a mint.</summary>
    public bool Mints { get; init; }

    /// <summary>null: let in.</summary>
    public Refusal? Judge(Caller caller)
    {
        var account = caller.Account;
        if (caller.KeyId is not null && !account.KeysEnabled && !account.IsAdmin)
            return new Refusal(ErrorCatalogue.KeysDisabled);
        if (account.Suspended)
            return Mints
                ? new Refusal(ErrorCatalogue.AccountSuspended, Details: new UsageDetails { Reason = account.SuspendedReason })
                : new Refusal(ErrorCatalogue.SuspendedAccount, account.SuspendedReason);
        if (caller.KeyId is not null && !KeysAllowed)
            return new Refusal(
                ErrorCatalogue.InsufficientScope, "This route is closed to API keys.", Action: "Sign in with a username and a password.");
        if (caller.KeyId is not null && Scope is not null && !caller.Scopes.Contains(Scope))
            return new Refusal(ErrorCatalogue.InsufficientScope, $"This route needs the scope {Scope}.");
        if (!AdminOnly || account.IsAdmin)
            return null;
        return caller.KeyId is null
            ? new Refusal(ErrorCatalogue.Forbidden)
            : new Refusal(
                ErrorCatalogue.Forbidden,
                "The key's owner is not an administrator any more.",
                Action: "Use an administrator's key, or have its owner made one again.");
    }
}

public static class AccessExtensions
{
    /// <summary>Declares who may call the route.</summary>
    public static TBuilder Access<TBuilder>(this TBuilder builder, Access access)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(access);
        return !access.ChecksCredential
            ? builder.AllowAnonymous()
            : builder.RequireAuthorization(new AuthorizationPolicyBuilder().AddRequirements(access).Build());
    }
}
