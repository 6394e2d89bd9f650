using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using SessionManager.Accounts;
using SessionManager.Errors;

namespace SessionManager.Users;

/// <summary>
/// One user, by the account's id, which is derived from the username (<see cref="UserIds"/>): two requests for one name
/// meet in one grain, so a name is never given twice. Limits and suspension are the account's, not here.
/// </summary>
[Alias("SessionManager.IUserGrain")]
public interface IUserGrain : IGrainWithStringKey
{
    /// <summary>Refused with <c>username_taken</c>.</summary>
    Task<Result<User>> Create(string username, string passwordHash);

    /// <summary>null where there is none.</summary>
    Task<User?> Get();

    /// <summary>For the login, which verifies the hash itself: hashing must not hold this grain's turn.</summary>
    Task<string?> PasswordHash();

    /// <param name="insteadOf">Only where this still is the hash; null: whatever it is.</param>
    /// <returns>Whether it was set.</returns>
    Task<bool> SetPasswordHash(string passwordHash, string? insteadOf = null);

    /// <summary>This login goes on as one of the account's <paramref name="epoch"/>, though it was made in an earlier one.</summary>
    Task KeepLogin(string tokenId, int epoch);

    /// <summary>Whether <see cref="KeepLogin"/> was said of it, and of this epoch.</summary>
    [AlwaysInterleave, ReadOnly]
    Task<bool> KeepsLogin(string tokenId, int epoch);

    /// <summary>Whether a login may be tried now; refused with <c>too_many_logins</c>. Counts in memory.</summary>
    Task<Refusal?> LoginAllowed();

    Task LoginEnded(bool succeeded);

    /// <summary>The user's keys, oldest first. An end is told to this list after the key's own record has it.</summary>
    [ReadOnly]
    Task<ImmutableArray<ListedKey>> Keys();

    /// <summary>Whether there is room for another key; ended ones take none. Refused with <c>too_many_keys</c>.</summary>
    /// <param name="insteadOf">A key that ends as the other begins.</param>
    [ReadOnly]
    Task<Refusal?> RoomForKey(string? insteadOf = null);

    /// <summary>Refused as <see cref="RoomForKey"/> is. Idempotent.</summary>
    /// <param name="endsAt">null: never.</param>
    Task<Refusal?> AddKey(string keyId, DateTimeOffset? endsAt = null, string? insteadOf = null);

    /// <summary>The key ends then.</summary>
    Task KeyEnds(string keyId, DateTimeOffset at);

    Task RemoveKey(string keyId);
}

/// <param name="EndsAt">null: never, or not known here.</param>
[GenerateSerializer, Immutable, Alias("listed-key")]
public sealed record ListedKey([property: Id(0)] string Id, [property: Id(1)] DateTimeOffset? EndsAt);

[GenerateSerializer, Immutable, Alias("user")]
public sealed record User([property: Id(0)] string Id, [property: Id(1)] string Username, [property: Id(2)] DateTimeOffset CreatedAt);
