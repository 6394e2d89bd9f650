using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Api.Admin;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Options;
using SessionManager.Users;
using SessionManager.Randomness;

namespace SessionManager.Api.Keys;

/// <param name="ExpiresAt">null: never.</param>
/// <param name="AllowedNetworks">null: may be used from anywhere.</param>
sealed record NewKey(string Name, ImmutableArray<string> Scopes, DateTimeOffset? ExpiresAt, ImmutableArray<string>? AllowedNetworks);

/// <summary>The keys of one account, for their owner and for administrators.</summary>
sealed class AccountKeys(IGrainFactory grains, IOptions<KeyOptions> options, IRandomSource random, AuditTrail audit, TimeProvider time)
{
    /// <summary>Oldest first.</summary>
    public async Task<ImmutableArray<ApiKey>> List(string accountId)
    {
        var ids = await User(accountId).KeyIds();
        var keys = await Task.WhenAll(ids.Select(id => Key(id).Get()));
        // A key is put on the list after its record is written and taken off after it is revoked. One that is listed and is not
        // there was revoked, and a crash came before the rest.
        foreach (var (id, _) in ids.Zip(keys).Where(pair => pair.Second is null))
            await Finish(accountId, id, dropSessions: false);
        return [.. keys.OfType<ApiKey>()];
    }

    /// <summary>Refused with <c>too_many_keys</c>, or <c>forbidden</c> for a scope that only an administrator's key may hold.</summary>
    public async Task<Result<NewKeyAnswer>> Create(AccountAccess owner, NewKey wanted, HttpContext http)
    {
        if (wanted.Scopes.Contains(Scopes.NodesReport) && !owner.IsAdmin)
            return new Refusal(ErrorCatalogue.Forbidden, $"Only an administrator's key may hold {Scopes.NodesReport}.");
        var accountId = owner.AccountId;
        var user = User(accountId);
        if ((await user.KeyIds()).Length >= options.Value.MaxPerAccount)
            return new Refusal(ErrorCatalogue.TooManyKeys);

        var key = KeyFormat.Create(random, options.Value.Prefix);
        var hash = KeyFormat.Hash(key);
        var id = KeyFormat.IdOf(hash);
        var record = new KeyRecord
        {
            AccountId = accountId,
            Hash = hash,
            Name = wanted.Name,
            Prefix = KeyFormat.Shown(key, options.Value.Prefix),
            Scopes = wanted.Scopes,
            CreatedAt = time.GetUtcNow(),
            ExpiresAt = wanted.ExpiresAt,
            AllowedNetworks = wanted.AllowedNetworks,
        };
        await audit.Record(http, AuditAction.KeyCreate, id, $"{record.Prefix} \"{record.Name}\" of {accountId}: {string.Join(' ', record.Scopes)}");
        await Key(id).Create(record);
        if (await user.AddKey(id) is { } refusal)
        {
            await Key(id).Revoke();
            return refusal;
        }

        return new NewKeyAnswer(
            id, key, record.Name, record.Prefix, record.Scopes, record.CreatedAt, record.ExpiresAt, record.AllowedNetworks);
    }

    /// <summary>
    /// Makes a key like this one, which then has <paramref name="grace"/> left to be replaced wherever it is used. Refused with
    /// <c>key_not_found</c>, and as <see cref="Create"/> is.
    /// </summary>
    public async Task<Result<NewKeyAnswer>> Rotate(AccountAccess owner, string keyId, TimeSpan grace, HttpContext http)
    {
        if (!(await User(owner.AccountId).KeyIds()).Contains(keyId) || await Key(keyId).Get() is not { } old)
            return new Refusal(ErrorCatalogue.KeyNotFound);
        var made = await Create(owner, new NewKey(old.Name, old.Scopes, old.ExpiresAt, old.AllowedNetworks), http);
        if (made.Refusal is not null)
            return made;
        await audit.Record(http, AuditAction.KeyRotate, keyId, $"replaced by {made.Value!.Id}, ends in {grace.TotalSeconds} s");
        await Key(keyId).Expire(time.GetUtcNow() + grace);
        return made;
    }

    /// <summary>
    /// When this answers, no request that starts later is let in by the key or by a token got for it, and what it minted and was
    /// never connected is dropped. Refused with <c>key_not_found</c>. What a crash leaves of it is finished by repeating it.
    /// </summary>
    /// <param name="dropSessions">Drop the connected sessions that it minted as well.</param>
    public async Task<Refusal?> Revoke(string accountId, string keyId, bool dropSessions, HttpContext http)
    {
        if (!(await User(accountId).KeyIds()).Contains(keyId))
            return new Refusal(ErrorCatalogue.KeyNotFound);
        await audit.Record(http, AuditAction.KeyRevoke, keyId, $"of {accountId}{(dropSessions ? ", with its sessions" : "")}");
        await Key(keyId).Revoke();
        await Finish(accountId, keyId, dropSessions);
        return null;
    }

    async Task Finish(string accountId, string keyId, bool dropSessions)
    {
        await grains.GetGrain<IAccountGrain>(accountId).KeyRevoked(keyId, dropSessions);
        await User(accountId).RemoveKey(keyId);
    }

    IUserGrain User(string accountId) => grains.GetGrain<IUserGrain>(accountId);

    IKeyGrain Key(string keyId) => grains.GetGrain<IKeyGrain>(keyId);
}
