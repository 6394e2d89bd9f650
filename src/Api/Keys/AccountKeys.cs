using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Api.Admin;
using SessionManager.Api.Audit;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Randomness;
using SessionManager.Users;

namespace SessionManager.Api.Keys;

/// <param name="ExpiresAt">null: never.</param>
/// <param name="AllowedNetworks">null: may be used from anywhere.</param>
sealed record NewKey(string Name, ImmutableArray<string> Scopes, DateTimeOffset? ExpiresAt, ImmutableArray<string>? AllowedNetworks);

/// <summary>The keys of one account, for their owner and for administrators.</summary>
sealed class AccountKeys(IGrainFactory grains, IOptions<KeyOptions> options, IRandomSource random, AuditTrail audit, TimeProvider time)
{
    readonly TimeSpan _memory = TimeSpan.FromSeconds(options.Value.ForgetSeconds);

    /// <summary>Oldest first. A key that has ended is on the list for a while.</summary>
    public async Task<ImmutableArray<ApiKey>> List(string accountId)
    {
        var listed = await User(accountId).Keys();
        var keys = await Task.WhenAll(listed.Select(key => Key(key.Id).Get()));
        var kept = ImmutableArray.CreateBuilder<ApiKey>();
        foreach (var ((id, endsAt), key) in listed.Zip(keys))
        {
            if (key is null)
            {
                // A key is put on the list after its record is written and taken off after it is revoked. One that is listed and is
                // not there was revoked, and a crash came before the rest.
                await Finish(accountId, id, dropSessions: false);
                continue;
            }

            if (key.ExpiresAt + _memory <= time.GetUtcNow())
            {
                await Key(id).Revoke();
                await User(accountId).RemoveKey(id);
                continue;
            }

            if (key.ExpiresAt is { } end && end != endsAt)
                await User(accountId).KeyEnds(id, end);
            kept.Add(key);
        }

        return kept.ToImmutable();
    }

    /// <summary>Refused with <c>too_many_keys</c>, or <c>forbidden</c> for a scope that only an administrator's key may hold.</summary>
    public Task<Result<NewKeyAnswer>> Create(AccountAccess owner, NewKey wanted, HttpContext http) => Make(owner, wanted, null, http);

    /// <summary>
    /// Makes a key like this one, which then has <paramref name="grace"/> left to be replaced wherever it is used. Refused with
    /// <c>key_not_found</c>, <c>key_ended</c>, <c>key_rotated</c> where its successor lives, and as a creation is.
    /// </summary>
    public async Task<Result<NewKeyAnswer>> Rotate(AccountAccess owner, string keyId, TimeSpan grace, HttpContext http)
    {
        var user = User(owner.AccountId);
        if ((await user.Keys()).All(key => key.Id != keyId) || await Key(keyId).Get() is not { } old)
            return new Refusal(ErrorCatalogue.KeyNotFound);
        if (old.ReplacedBy is { } successor && await Key(successor).Get() is not null)
            return KeyRefusals.Rotated(successor);
        if (old.ExpiresAt <= time.GetUtcNow())
            return new Refusal(ErrorCatalogue.KeyEnded);

        // The successor first: a crash in between leaves a key that nobody was told, and the old one as it was.
        var wanted = new NewKey(old.Name, old.Scopes, old.OwnEnd, old.AllowedNetworks);
        var made = await Make(owner, wanted, insteadOf: grace == TimeSpan.Zero ? keyId : null, http);
        if (made.Refusal is not null)
            return made;
        var id = made.Value!.Id;
        await audit.Record(http, AuditAction.KeyRotate, keyId, $"replaced by {id}, ends in {grace.TotalSeconds} s");
        if (await Key(keyId).Supersede(id, time.GetUtcNow() + grace, insteadOf: old.ReplacedBy) is { } refusal)
        {
            await Key(id).Revoke();
            await user.RemoveKey(id);
            return refusal;
        }

        if (await Key(keyId).Get() is { ExpiresAt: { } end })
            await user.KeyEnds(keyId, end);
        return made;
    }

    async Task<Result<NewKeyAnswer>> Make(AccountAccess owner, NewKey wanted, string? insteadOf, HttpContext http)
    {
        if (wanted.Scopes.Contains(Scopes.NodesReport) && !owner.IsAdmin)
            return new Refusal(
                ErrorCatalogue.Forbidden,
                $"Only an administrator's key may hold {Scopes.NodesReport}.",
                Action: "Leave the scope out, or have an administrator make the key.");
        var accountId = owner.AccountId;
        var user = User(accountId);
        if (await user.RoomForKey(insteadOf) is not null)
        {
            // Some may have ended without the list being told.
            await List(accountId);
            if (await user.RoomForKey(insteadOf) is { } full)
                return full;
        }

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
        if (await user.AddKey(id, record.ExpiresAt, insteadOf) is { } refusal)
        {
            await Key(id).Revoke();
            return refusal;
        }

        return new NewKeyAnswer(
            id, key, record.Name, record.Prefix, record.Scopes, record.CreatedAt, record.ExpiresAt, record.AllowedNetworks);
    }

    /// <summary>
    /// When this answers, no request that starts later is let in by the key or by a token got for it, and what it minted and was
    /// never connected is dropped. Refused with <c>key_not_found</c>. What a crash leaves of it is finished by repeating it.
    /// </summary>
    /// <param name="dropSessions">Drop the connected sessions that it minted as well.</param>
    public async Task<Refusal?> Revoke(string accountId, string keyId, bool dropSessions, HttpContext http)
    {
        if ((await User(accountId).Keys()).All(key => key.Id != keyId))
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
