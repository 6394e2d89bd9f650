using System.ComponentModel.DataAnnotations;

namespace SessionManager.Accounts;

/// <summary>What an account may do where no administrator said otherwise. Section <c>Accounts</c>.</summary>
public sealed class AccountOptions
{
    public const string Section = "Accounts";

    /// <summary>Sessions open at a time. 5.</summary>
    [Range(1, 10_000_000)] public int MaxConcurrent { get; set; } = 5;

    /// <summary>Requests a minute of the account, with all its keys and logins. 600.</summary>
    [Range(1, 100_000_000)] public int RequestsPerMinute { get; set; } = 600;

    /// <summary>Requests a minute of each of its keys; null: a key may use up all that the account has.</summary>
    [Range(1, 100_000_000)] public int? KeyRequestsPerMinute { get; set; }

    /// <summary>Streaming hours a calendar month (UTC); null: no limit.</summary>
    [Range(0, 10_000_000)] public double? MonthlyHours { get; set; }

    /// <summary>The longest a stream may last, in seconds; null: no limit.</summary>
    [Range(1, 31_536_000)] public int? MaxStreamSeconds { get; set; }
}
