using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using SessionManager.Errors;
using SessionManager.Options;

namespace SessionManager.People;

public sealed class UserGrain(
    [PersistentState("state", "Default")] IPersistentState<UserState> state,
    IOptions<LoginOptions> logins,
    IOptions<KeyOptions> keys,
    TimeProvider time) : Grain, IUserGrain
{
    // In memory only: an activation ends after a quarter of an hour without calls, which is when failures are forgotten anyway.
    LoginThrottle throttle;

    string Id => this.GetPrimaryKeyString();

    public async Task<Result<User>> Create(string username, string passwordHash)
    {
        if (state.State.User is not null)
            return new Refusal(ErrorCatalogue.UsernameTaken);
        if (UserIds.Of(username) != Id)
            throw new ArgumentException("The name is not this person's.", nameof(username));
        var user = new User(Id, username, time.GetUtcNow());
        await Write(state.State with { User = user, PasswordHash = passwordHash });
        return user;
    }

    public Task<User?> Get() => Task.FromResult(state.State.User);

    public Task<string?> PasswordHash() => Task.FromResult(state.State.PasswordHash);

    public Task SetPasswordHash(string passwordHash)
    {
        ThrowIfUnknown();
        return Write(state.State with { PasswordHash = passwordHash });
    }

    public Task<Refusal?> LoginAllowed() =>
        Task.FromResult(throttle.Wait(time.GetUtcNow(), logins.Value.UserFailures, logins.Value) is { } seconds
            ? new Refusal(ErrorCatalogue.TooManyLogins, RetryAfterSeconds: seconds)
            : null);

    public Task LoginEnded(bool succeeded)
    {
        throttle = succeeded ? default : throttle.Failed(time.GetUtcNow(), logins.Value);
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<string>> KeyIds() => Task.FromResult(state.State.KeyIds);

    public async Task<Refusal?> AddKey(string keyId)
    {
        ThrowIfUnknown();
        var ids = state.State.KeyIds;
        if (ids.Contains(keyId))
            return null;
        if (ids.Length >= keys.Value.MaxPerAccount)
            return new Refusal(ErrorCatalogue.TooManyKeys);
        await Write(state.State with { KeyIds = ids.Add(keyId) });
        return null;
    }

    public Task RemoveKey(string keyId) => state.State.KeyIds.Contains(keyId)
        ? Write(state.State with { KeyIds = state.State.KeyIds.Remove(keyId) })
        : Task.CompletedTask;

    void ThrowIfUnknown()
    {
        if (state.State.User is null)
            throw new InvalidOperationException("There is no such person.");
    }

    async Task Write(UserState next)
    {
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // Whether it was written is unknown: the next activation reads it.
            DeactivateOnIdle();
            throw;
        }
    }
}
