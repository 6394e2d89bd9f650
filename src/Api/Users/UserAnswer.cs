using SessionManager.Accounts;
using SessionManager.Users;

namespace SessionManager.Api.Users;

/// <summary>A user and their account.</summary>
/// <param name="ApiKeysEnabled">Whether their keys open anything. An administrator's always do.</param>
/// <param name="Reason">Why the account is suspended.</param>
/// <param name="MaxConcurrent">Sessions they may have open at a time.</param>
/// <param name="MonthlyHours">Hours they may stream in a calendar month (UTC); absent: no limit.</param>
/// <param name="MaxStreamSeconds">How long one stream may last; absent: no limit.</param>
/// <param name="ActiveCount">Sessions they have open now.</param>
public sealed record UserAnswer(
    string Id,
    string Username,
    DateTimeOffset CreatedAt,
    bool IsAdmin,
    bool ApiKeysEnabled,
    bool Suspended,
    string? Reason,
    int MaxConcurrent,
    double? MonthlyHours,
    int? MaxStreamSeconds,
    int ActiveCount)
{
    public static UserAnswer Of(User user, Account account) => new(
        user.Id,
        user.Username,
        user.CreatedAt,
        account.IsAdmin,
        account.KeysEnabled || account.IsAdmin,
        account.Suspended,
        account.SuspendedReason,
        account.MaxConcurrent,
        account.MonthlyHours,
        account.MaxStreamSeconds,
        account.ActiveCount);
}
