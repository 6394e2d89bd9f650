using Orleans;
using SessionManager.Accounts;
using SessionManager.Errors;

namespace SessionManager.Users;

/// <summary>
/// Who may administer: the first of them is made once, and there is always one left. One grain, key <see cref="Key"/>.
/// </summary>
[Alias("SessionManager.ISetupGrain")]
public interface IAdministratorsGrain : IGrainWithStringKey
{
    const string Key = "setup";

    /// <summary>Whether somebody has claimed it.</summary>
    Task<bool> IsClaimed();

    /// <summary>True for exactly one <paramref name="userId"/> ever; true again when the same one asks again after a crash.</summary>
    Task<bool> Claim(string userId);

    /// <summary>
    /// Changes an account where that may give or take administration: <see cref="AccountChange.IsAdmin"/> and
    /// <see cref="AccountChange.Suspended"/> only ever change here, one at a time. Refused with <c>user_not_found</c>, or with
    /// <c>last_administrator</c> where nobody would be left who can sign in and administer.
    /// </summary>
    Task<Result<Account>> Change(string userId, AccountChange change);
}
