using System.Collections.Concurrent;
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
    const int MaxKeys = 100_000;

    /// <summary>Whose a key is, by its id: that never changes, and so whoever has used it once has its account asked and nobody else.</summary>
    readonly ConcurrentDictionary<string, string> _accounts = new(StringComparer.Ordinal);
    readonly string _prefix = options.Value.Prefix;

    public async ValueTask<Result<Caller>> Resolve(string credential, bool metered, IPAddress? from)
    {
        if (credential.Length is 0 or > LongestCredential)
            return new Refusal(ErrorCatalogue.InvalidToken);
        if (credential.StartsWith(_prefix, StringComparison.Ordinal))
            return IsWellFormed(credential)
                ? await ByKey(credential, metered, from)
                : new Refusal(ErrorCatalogue.InvalidKey, "This does not have the shape of an API key.");
        if (await tokens.Verify(TokenPurpose.Access, credential) is not { } token)
            return new Refusal(ErrorCatalogue.InvalidToken);
        if (token.KeyId is not { } keyId)
            return await ByLogin(token, metered);
        var caller = await ByKey(keyId, hash: null, metered, from);
        return caller.Refusal is { Code: ErrorCatalogue.InvalidKey } dead ? AsToken(dead) : caller;
    }

    /// <summary>null where it is not a spectator token that lives.</summary>
    public async ValueTask<Spectator?> ResolveSpectator(string credential) =>
        credential.Length is > 0 and <= LongestCredential && await tokens.Verify(TokenPurpose.Spectator, credential) is { BroadcastId: { } broadcastId } token
            ? new Spectator(broadcastId, token.Id, token.ExpiresAt, token.MaxViewers)
            : null;

    public bool IsWellFormed(string key) => KeyFormat.IsWellFormed(key, _prefix);

    /// <param name="key">Well formed.</param>
    public ValueTask<Result<Caller>> ByKey(string key, bool metered, IPAddress? from)
    {
        var hash = KeyFormat.Hash(key);
        return ByKey(KeyFormat.IdOf(hash), hash, metered, from);
    }

    /// <summary>The key it was got for does not live: another token for it would not either.</summary>
    static Refusal AsToken(Refusal key) => key with
    {
        Code = ErrorCatalogue.InvalidToken,
        Message = key.Message ?? "The API key that this token was got for is revoked.",
        Action = "Use another key.",
    };

    async ValueTask<Result<Caller>> ByKey(string keyId, ImmutableArray<byte>? hash, bool metered, IPAddress? from)
    {
        if (!_accounts.TryGetValue(keyId, out var accountId))
        {
            var found = await grains.GetGrain<IKeyGrain>(keyId).Authenticate(hash);
            if (found.Refusal is { } refusal)
                return refusal;
            accountId = found.Value!.AccountId;
            if (_accounts.Count >= MaxKeys)
                _accounts.Clear();
            _accounts[keyId] = accountId;
        }

        var access = await Account(accountId).Enter(new Entry { KeyId = keyId, KeyHash = hash, From = from, Metered = metered });
        if (access.Refusal is { } no)
            return no;
        var key = access.Value!.Key!;
        // The account's own copy of the id: a session remembers it, and so all of one key's do as one.
        return new Caller(accountId, key.KeyId, key.Scopes, access.Value);
    }

    async ValueTask<Result<Caller>> ByLogin(VerifiedToken token, bool metered)
    {
        var access = await Account(token.Subject).Enter(new Entry { Metered = metered });
        if (!access.Ok)
            return access.Refusal!;
        var account = access.Value!;
        // A suspension has ended the login, too; that it is suspended says more, and is all that anyone is let in to hear.
        return account.Suspended || token.LoginEpoch == account.LoginEpoch
            || await grains.GetGrain<IUserGrain>(token.Subject).KeepsLogin(token.Id, account.LoginEpoch)
                ? new Caller(token.Subject, null, ImmutableArray<string>.Empty, account, token.Id)
                : new Refusal(ErrorCatalogue.InvalidToken, "The login has ended.", Action: "Sign in again.");
    }

    IAccountGrain Account(string id) => grains.GetGrain<IAccountGrain>(id);
}
