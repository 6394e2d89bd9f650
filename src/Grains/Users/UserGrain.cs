using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Errors;
using SessionManager.Keys;

namespace SessionManager.Users;

[GrainType("user")]
public sealed class UserGrain(
    [PersistentState("user")] IPersistentState<UserRecord> state,
    IOptions<LoginOptions> logins,
    IOptions<KeyOptions> keys,
    TimeProvider time)
    : DurableGrain<UserRecord>(state), IUserGrain
{
    /// <summary>In memory only: an activation ends by itself after about as long without calls as failures are remembered.</summary>
    LoginThrottle _throttle;

    string Id => this.GetPrimaryKeyString();

    public async Task<Result<User>> Create(string username, string passwordHash)
    {
        if (Record.User is not null)
            return new Refusal(ErrorCatalogue.UsernameTaken);
        if (UserIds.Of(username) != Id)
            throw new ArgumentException("The name is not this user's.", nameof(username));
        var user = new User(Id, username, time.Now());
        Record = Record with { User = user, PasswordHash = passwordHash };
        await Write();
        return user;
    }

    public Task<User?> Get() => Task.FromResult(Record.User);

    public Task<string?> PasswordHash() => Task.FromResult(Record.PasswordHash);

    public async Task<bool> SetPasswordHash(string passwordHash, string? insteadOf)
    {
        ThrowIfUnknown();
        if (insteadOf is not null && insteadOf != Record.PasswordHash)
            return false;
        Record = Record with { PasswordHash = passwordHash };
        await Write();
        return true;
    }

    public Task KeepLogin(string tokenId, int epoch)
    {
        ThrowIfUnknown();
        Record = Record with { KeptLogin = new KeptLogin(tokenId, epoch) };
        return Write();
    }

    public Task<bool> KeepsLogin(string tokenId, int epoch) => Task.FromResult(Record.KeptLogin == new KeptLogin(tokenId, epoch));

    public Task<Refusal?> LoginAllowed() =>
        Task.FromResult(_throttle.Wait(time.Now(), logins.Value.UserFailures, logins.Value) is { } seconds
            ? new Refusal(ErrorCatalogue.TooManyLogins, RetryAfterSeconds: seconds)
            : null);

    public Task LoginEnded(bool succeeded)
    {
        _throttle = succeeded ? default : _throttle.Failed(time.Now(), logins.Value);
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<ListedKey>> Keys() => Task.FromResult(Record.Keys());

    public Task<Refusal?> RoomForKey(string? insteadOf) => Task.FromResult(
        Record.LivingKeys(time.Now(), insteadOf) < keys.Value.MaxPerAccount ? null : new Refusal(ErrorCatalogue.TooManyKeys));

    public async Task<Refusal?> AddKey(string keyId, DateTimeOffset? endsAt, string? insteadOf)
    {
        ThrowIfUnknown();
        if (Record.KeyIds.Contains(keyId))
            return null;
        if (await RoomForKey(insteadOf) is { } refusal)
            return refusal;
        Record = Record.WithKey(keyId, endsAt);
        await Write();
        return null;
    }

    public Task KeyEnds(string keyId, DateTimeOffset at)
    {
        if (!Record.KeyIds.Contains(keyId))
            return Task.CompletedTask;
        Record = Record.WithEnd(keyId, at);
        return Write();
    }

    public Task RemoveKey(string keyId)
    {
        if (!Record.KeyIds.Contains(keyId))
            return Task.CompletedTask;
        Record = Record.WithoutKey(keyId);
        return Write();
    }

    void ThrowIfUnknown()
    {
        if (Record.User is null)
            throw new InvalidOperationException("There is no such user.");
    }
}
