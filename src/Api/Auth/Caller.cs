using System.Collections.Immutable;
using SessionManager.Accounts;

namespace SessionManager.Api.Auth;

/// <summary>Who is behind a request, as found at this very request.</summary>
/// <param name="KeyId">The key behind it, also where its holder sent a token got for it; null for a login.</param>
/// <param name="Scopes">The key's; empty for a login.</param>
/// <param name="LoginId">The login's token's id; null for a key.</param>
public sealed record Caller(
    string AccountId, string? KeyId, ImmutableArray<string> Scopes, AccountAccess Account, string? LoginId = null)
{
    /// <summary>Lets a handler take the caller as a parameter. Only routes that require a credential have one.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<Caller>());
}
