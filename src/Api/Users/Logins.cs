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
        if (await Throttled(user, from) is { } refusal)
            return refusal;

        // The epoch first: a password changed from here on voids the login that the old one still gets.
        var account = await grains.GetGrain<IAccountGrain>(id).Get();
        var hash = await user.PasswordHash();
        var match = await Match(user, account is null ? null : hash, password, from, cancellation);
        if (match.Refusal is not null)
            return match.Refusal;
        if (match.Value == PasswordMatch.No)
            return new Refusal(ErrorCatalogue.InvalidLogin);
        if (match.Value == PasswordMatch.YesButWeak)
            await user.SetPasswordHash(await passwords.Hash(password, cancellation), insteadOf: hash);
        return account!.Suspended
            ? new Refusal(ErrorCatalogue.SuspendedAccount, account.SuspendedReason)
            : new Login(id, account.LoginEpoch);
    }

    /// <summary>
    /// Replaces the password of someone signed in, who shows the old one, and ends every other login of theirs. Refused with
    /// <c>wrong_password</c> or <c>too_many_logins</c>. Repeating it finishes what a crash, or a lost answer, cut off.
    /// </summary>
    /// <param name="loginId">The login that goes on.</param>
    /// <exception cref="PasswordsBusyException"/>
    public async Task<Refusal?> ChangePassword(
        string accountId, string loginId, string password, string newPassword, IPAddress? from, CancellationToken cancellation)
    {
        var user = grains.GetGrain<IUserGrain>(accountId);
        if (await Throttled(user, from) is { } refusal)
            return refusal;
        var hash = await user.PasswordHash();
        var match = await Match(user, hash, password, from, cancellation);
        if (match.Refusal is not null)
            return match.Refusal;
        if (match.Value == PasswordMatch.No)
        {
            var repeated = await passwords.Verify(hash, newPassword, () => Task.FromResult(true), cancellation);
            if (repeated == PasswordMatch.No)
                return new Refusal(ErrorCatalogue.WrongPassword);
        }
        else if (!await user.SetPasswordHash(await passwords.Hash(newPassword, cancellation), insteadOf: hash))
        {
            // Another change came between.
            return new Refusal(ErrorCatalogue.WrongPassword);
        }

        // In this order: a login with the old password that came between would outlive the change.
        if (await grains.GetGrain<IAccountGrain>(accountId).Change(new AccountChange { EndLogins = true }) is { } account)
            await user.KeepLogin(loginId, account.LoginEpoch);
        return null;
    }

    /// <summary>Refused with <c>too_many_logins</c>: others may have failed while this one waited for its turn.</summary>
    async Task<Result<PasswordMatch>> Match(IUserGrain user, string? hash, string password, IPAddress? from, CancellationToken cancellation)
    {
        Refusal? refusal = null;
        var match = await passwords.Verify(hash, password, async () => (refusal = await Throttled(user, from)) is null, cancellation);
        if (match is null)
            return refusal!;
        await user.LoginEnded(match != PasswordMatch.No);
        if (match == PasswordMatch.No)
            addresses.Failed(from);
        return match.Value;
    }

    async Task<Refusal?> Throttled(IUserGrain user, IPAddress? from) => addresses.Wait(from) is { } seconds
        ? new Refusal(ErrorCatalogue.TooManyLogins, RetryAfterSeconds: seconds)
        : await user.LoginAllowed();
}
