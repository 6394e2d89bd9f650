using System.Globalization;
using System.Text.Json.Serialization;
using SessionManager.Accounts;
using SessionManager.Api.Users;
using SessionManager.Api.Validation;

namespace SessionManager.Api.Admin;

/// <summary>What to change of a user; what is left out stays as it is.</summary>
/// <param name="ApiKeysEnabled">Off stops all their keys at once, and deletes none.</param>
/// <param name="MaxConcurrent">Sessions open at a time, from 0.</param>
/// <param name="MonthlyHours">Hours a calendar month (UTC); null takes the limit away.</param>
/// <param name="MaxStreamSeconds">Seconds a stream may last; null takes the limit away.</param>
/// <param name="Suspended">A suspended account can do nothing, its sessions are dropped and its logins ended for good.</param>
/// <param name="Reason">Why it is suspended, at most 500 characters; they are told.</param>
/// <param name="Password">A new password voids every login made with the old one.</param>
public sealed record UserChange(
    bool? ApiKeysEnabled = null,
    int? MaxConcurrent = null,
    [property: JsonConverter(typeof(PatchValueConverter<double>))] PatchValue<double> MonthlyHours = default,
    [property: JsonConverter(typeof(PatchValueConverter<int>))] PatchValue<int> MaxStreamSeconds = default,
    bool? Suspended = null,
    string? Reason = null,
    bool? IsAdmin = null,
    string? Password = null)
{
    const int MostSessions = 10_000_000;
    const int MostHours = 10_000_000;
    const int MostSeconds = 31_536_000;
    const int LongestReason = 500;
    const int NoLimit = -1;

    internal void Check(Validator check, UserRules rules)
    {
        check.Range(MaxConcurrent, "max_concurrent", 0, MostSessions);
        check.Range(MonthlyHours.Value, "monthly_hours", 0, MostHours);
        check.Range(MaxStreamSeconds.Value, "max_stream_seconds", 1, MostSeconds);
        if (Reason is not null)
            check.Text(Reason, "reason", LongestReason);
        if (Password is not null)
            rules.CheckPassword(check, Password, "password");
    }

    /// <summary>All but the password.</summary>
    public AccountChange OfAccount() => new()
    {
        KeysEnabled = ApiKeysEnabled,
        MaxConcurrent = MaxConcurrent,
        MonthlyHours = MonthlyHours.IsGiven ? MonthlyHours.Value ?? NoLimit : null,
        MaxStreamSeconds = MaxStreamSeconds.IsGiven ? MaxStreamSeconds.Value ?? NoLimit : null,
        Suspended = Suspended,
        Reason = Reason,
        IsAdmin = IsAdmin,
    };

    /// <summary>For the audit; of the password only that it changes.</summary>
    public string Describe() => string.Join(", ", new[]
    {
        Member("api_keys_enabled", ApiKeysEnabled is not null, ApiKeysEnabled),
        Member("max_concurrent", MaxConcurrent is not null, MaxConcurrent),
        Member("monthly_hours", MonthlyHours.IsGiven, MonthlyHours.Value),
        Member("max_stream_seconds", MaxStreamSeconds.IsGiven, MaxStreamSeconds.Value),
        Member("suspended", Suspended is not null, Suspended),
        Member("reason", Reason is not null, Reason),
        Member("is_admin", IsAdmin is not null, IsAdmin),
        Password is null ? null : "password",
    }.OfType<string>());

    static string? Member(string name, bool given, object? value) => given
        ? string.Create(CultureInfo.InvariantCulture, $"{name}={(value is bool flag ? flag ? "true" : "false" : value ?? "none")}")
        : null;
}
