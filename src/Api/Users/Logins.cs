using System.Net;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Users;

namespace SessionManager.Api.Users;

/// <summary>Who logged in, and as of which epoch.</summary>
readonly record struct Login(string AccountId, int Epoch);

/// <summary>
/// Checks a name and a password. An unknown name takes as long as a wrong password and is told the same, to the throttle too.
/// </summary>
sealed class Logins(IGrainFactory grains, Passwords passwords, LoginAddresses addresses)
{
    public async Task<Result<Login>> Check(string username, string password, IPAddress? from, CancellationToken cancellation)
    {
        var id = UserIds.Of(username);
        var user = grains.GetGrain<IUserGrain>(id);
        var refusal = await Throttled(user, from);
        if (refusal is not null)
            return refusal;

        // The epoch first: a password changed from here on voids the login that the old one still gets.
        var account = await grains.GetGrain<IAccountGrain>(id).Get();
        var hash = await user.PasswordHash();
        var match = await passwords.Verify(
            account is null ? null : hash, password, async () => (refusal = await Throttled(user, from)) is null, cancellation);
        if (match is null)
            return refusal!;

        await user.LoginEnded(match != PasswordMatch.No);
        if (match == PasswordMatch.No)
        {
            addresses.Failed(from);
            return new Refusal(ErrorCatalogue.InvalidLogin);
        }

        if (match == PasswordMatch.YesButWeak)
            await user.SetPasswordHash(await passwords.Hash(password, cancellation), insteadOf: hash);
        return account!.Suspended
            ? new Refusal(ErrorCatalogue.SuspendedAccount, account.SuspendedReason)
            : new Login(id, account.LoginEpoch);
    }

    /// <summary>Asked before a login waits to be hashed, and again when its turn has come: others may have failed meanwhile.</summary>
    async Task<Refusal?> Throttled(IUserGrain user, IPAddress? from) => addresses.Wait(from) is { } seconds
        ? new Refusal(ErrorCatalogue.TooManyLogins, RetryAfterSeconds: seconds)
        : await user.LoginAllowed();
}
