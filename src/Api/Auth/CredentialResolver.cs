using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Api.Tokens;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Users;

namespace SessionManager.Api.Auth;

/// <summary>
/// From a Bearer credential's text to the account behind it. Three kinds, told apart by the text alone: an API key, a token
/// got for a key (which is that key and nothing more), and a login.
/// </summary>
sealed class CredentialResolver(IGrainFactory grains, TokenService tokens, IOptions<KeyOptions> options)
{
    const int LongestCredential = 4096;
    readonly string prefix = options.Value.Prefix;

    public async ValueTask<Result<Caller>> Resolve(string credential, bool metered, IPAddress? from)
    {
        if (credential.Length is 0 or > LongestCredential)
            return new Refusal(ErrorCatalogue.InvalidToken);
        if (credential.StartsWith(prefix, StringComparison.Ordinal))
            return IsWellFormed(credential)
                ? await ByKey(credential, metered, from)
                : new Refusal(ErrorCatalogue.InvalidKey, "This does not have the shape of an API key.");
        if (await tokens.Verify(TokenPurpose.Access, credential) is not { } token)
            return new Refusal(ErrorCatalogue.InvalidToken);
        return token.KeyId is { } keyId
            ? await Enter(await Key(keyId).Authenticate(null), AsToken, metered, from)
            : await ByLogin(token, metered);
    }

    /// <summary>null where it is not a spectator token that lives.</summary>
    public async ValueTask<Spectator?> ResolveSpectator(string credential) =>
        credential.Length is > 0 and <= LongestCredential && await tokens.Verify(TokenPurpose.Spectator, credential) is { BroadcastId: { } broadcastId } token
            ? new Spectator(broadcastId, token.Id, token.ExpiresAt, token.MaxViewers)
            : null;

    public bool IsWellFormed(string key) => KeyFormat.IsWellFormed(key, prefix);

    /// <param name="key">Well formed.</param>
    public async ValueTask<Result<Caller>> ByKey(string key, bool metered, IPAddress? from)
    {
        var hash = KeyFormat.Hash(key);
        return await Enter(await Key(KeyFormat.IdOf(hash)).Authenticate(hash), refusal => refusal, metered, from);
    }

    /// <summary>The key it was got for does not live: another token for it would not either.</summary>
    static Refusal AsToken(Refusal key) => key with
    {
        Code = ErrorCatalogue.InvalidToken,
        Message = key.Message ?? "The API key that this token was got for is revoked.",
        Action = "Use another key.",
    };

    async ValueTask<Result<Caller>> Enter(Result<KeyPrincipal> found, Func<Refusal, Refusal> dead, bool metered, IPAddress? from)
    {
        if (found.Refusal is { } refusal)
            return dead(refusal);
        var key = found.Value!;
        if (!key.MayCallFrom(from))
            return new Refusal(ErrorCatalogue.AddressNotAllowed, $"This API key may not be used from {from}.");
        var access = await Account(key.AccountId).Enter(key.KeyId, metered);
        return access.Ok ? new Caller(key.AccountId, key.KeyId, key.Scopes, access.Value!) : access.Refusal!;
    }

    async ValueTask<Result<Caller>> ByLogin(VerifiedToken token, bool metered)
    {
        var access = await Account(token.Subject).Enter(null, metered);
        if (!access.Ok)
            return access.Refusal!;
        var account = access.Value!;
        // A suspension has ended the login, too; that it is suspended says more, and is all that anyone is let in to hear.
        return account.Suspended || token.LoginEpoch == account.LoginEpoch
            || await grains.GetGrain<IUserGrain>(token.Subject).KeepsLogin(token.Id, account.LoginEpoch)
                ? new Caller(token.Subject, null, ImmutableArray<string>.Empty, account, token.Id)
                : new Refusal(ErrorCatalogue.InvalidToken, "The login has ended.", Action: "Sign in again.");
    }

    IKeyGrain Key(string id) => grains.GetGrain<IKeyGrain>(id);

    IAccountGrain Account(string id) => grains.GetGrain<IAccountGrain>(id);
}
