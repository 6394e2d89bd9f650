using SessionManager.Durability;
using SessionManager.Errors;
using SessionManager.Keys;

namespace SessionManager.Accounts;

/// <summary>Who is let in: every authenticated request passes here.</summary>
public sealed partial class AccountGrain
{
    readonly RateLimiter _rate = new(options.Value.RequestsPerMinute, options.Value.KeyRequestsPerMinute);
    readonly KnownKeys _keys = new();

    public Task<Result<AccountAccess>> Enter(Entry entry)
    {
        if (entry.KeyId is null)
            return Task.FromResult(Admit(entry, null));
        return _keys.Find(entry.KeyId, entry.KeyHash, time.Now()) is { } key
            ? Task.FromResult(Admit(entry, key))
            : AskKey(entry, entry.KeyId);
    }

    async Task<Result<AccountAccess>> AskKey(Entry entry, string keyId)
    {
        var asOf = _keys.Forgotten;
        var asked = await GrainFactory.GetGrain<IKeyGrain>(keyId).Authenticate(entry.KeyHash);
        if (asked.Refusal is { } refusal)
            return refusal;
        if (asked.Value!.AccountId != AccountId)
            return new Refusal(ErrorCatalogue.InvalidKey);
        _keys.Remember(asked.Value, entry.KeyHash, asOf, time.Now());
        return Admit(entry, asked.Value);
    }

    Result<AccountAccess> Admit(Entry entry, KeyPrincipal? key)
    {
        if (key is not null && AccountRules.IsRevoked(Record, key.KeyId))
            return new Refusal(ErrorCatalogue.InvalidKey);
        if (key is not null && !key.MayCallFrom(entry.From))
            return new Refusal(ErrorCatalogue.AddressNotAllowed, $"This API key may not be used from {entry.From}.");
        if (!IsOpen)
            return new Refusal(ErrorCatalogue.Unauthenticated);
        var now = time.Now();
        var rate = entry.Metered ? _rate.Count(key?.KeyId, now) : _rate.Peek(now);
        if (rate.Refusal is { } refusal)
            return refusal;
        return new AccountAccess
        {
            AccountId = AccountId,
            IsAdmin = Record.IsAdmin,
            KeysEnabled = Record.KeysEnabled,
            Suspended = Record.Suspended,
            SuspendedReason = Record.SuspendedReason,
            LoginEpoch = Record.LoginEpoch,
            Rate = rate.Value!,
            Key = key,
        };
    }

    public Task ForgetKey(string keyId)
    {
        _keys.Forget(keyId);
        return Task.CompletedTask;
    }
}
