using SessionManager.Errors;
using SessionManager.Sessions;

namespace SessionManager.Accounts;

/// <summary>What an account's settings say and how they change, as pure functions.</summary>
public static class AccountRules
{
    /// <summary>How long a revoked key is remembered: longer than any request that was under way can take.</summary>
    static readonly TimeSpan RevokedKeyMemory = TimeSpan.FromMinutes(10);

    public static AccountRecord Open(AccountSettings settings, DateTimeOffset now) => new()
    {
        OpenedAt = now,
        IsAdmin = settings.IsAdmin,
        KeysEnabled = settings.KeysEnabled,
        MaxConcurrent = settings.MaxConcurrent,
        MonthlyHours = settings.MonthlyHours,
        MaxStreamSeconds = settings.MaxStreamSeconds,
    };

    public static AccountRecord Change(AccountRecord record, AccountChange change) => record with
    {
        IsAdmin = change.IsAdmin ?? record.IsAdmin,
        KeysEnabled = change.KeysEnabled ?? record.KeysEnabled,
        MaxConcurrent = change.MaxConcurrent ?? record.MaxConcurrent,
        MonthlyHours = change.MonthlyHours ?? record.MonthlyHours,
        MaxStreamSeconds = change.MaxStreamSeconds ?? record.MaxStreamSeconds,
        Suspended = change.Suspended ?? record.Suspended,
        SuspendedReason = (change.Suspended ?? record.Suspended) ? change.Reason ?? record.SuspendedReason : null,
        LoginEpoch = change.EndLogins ? record.LoginEpoch + 1 : record.LoginEpoch,
    };

    public static AccountRecord RevokeKey(AccountRecord record, string keyId, bool connectedToo, DateTimeOffset now) => record with
    {
        RevokedKeys = record.RevokedKeys
            .RemoveRange(record.RevokedKeys.Where(revoked => now - revoked.Value.At > RevokedKeyMemory).Select(revoked => revoked.Key))
            .SetItem(keyId, new Revocation(now, connectedToo || record.RevokedKeys.GetValueOrDefault(keyId) is { ConnectedToo: true })),
    };

    /// <summary>Why nothing at all may be minted with this key (null: a login); null: something may.</summary>
    public static Refusal? WhyNothingMayBeMinted(AccountRecord record, string? keyId)
    {
        if (record.Suspended)
            return new Refusal(ErrorCatalogue.AccountSuspended, Details: new UsageDetails { Reason = record.SuspendedReason ?? "" });
        if (keyId is not null && IsRevoked(record, keyId))
            return new Refusal(ErrorCatalogue.InvalidKey);
        return keyId is null || MayUseKeys(record) ? null : new Refusal(ErrorCatalogue.KeysDisabled);
    }

    /// <summary>Why a session must end that lives although the account is suspended, or the key that minted it is no longer good.</summary>
    /// <param name="connected">A client has connected to it: it outlives its key, unless the revocation says otherwise.</param>
    public static DropReason? WhyItMustEnd(AccountRecord record, string? keyId, bool connected)
    {
        if (record.Suspended)
            return DropReason.AccountSuspended;
        if (keyId is null)
            return null;
        var revoked = record.RevokedKeys.GetValueOrDefault(keyId);
        return revoked is { ConnectedToo: true } || (!connected && (revoked is not null || !MayUseKeys(record)))
            ? DropReason.Terminated
            : null;
    }

    public static Account View(string accountId, AccountRecord record, int activeCount, AccountOptions options) => new()
    {
        AccountId = accountId,
        IsAdmin = record.IsAdmin,
        KeysEnabled = record.KeysEnabled,
        Suspended = record.Suspended,
        SuspendedReason = record.SuspendedReason,
        MaxConcurrent = MaxConcurrent(record, options),
        MonthlyHours = MonthlyHours(record, options),
        MaxStreamSeconds = MaxStreamSeconds(record, options),
        ActiveCount = activeCount,
        OpenedAt = record.OpenedAt,
        LoginEpoch = record.LoginEpoch,
    };

    /// <summary>Whether the key was revoked lately.</summary>
    public static bool IsRevoked(AccountRecord record, string keyId) => record.RevokedKeys.ContainsKey(keyId);

    /// <summary>Administrators always have key access (seed: API keys).</summary>
    public static bool MayUseKeys(AccountRecord record) => record.KeysEnabled || record.IsAdmin;

    public static int MaxConcurrent(AccountRecord record, AccountOptions options) => record.MaxConcurrent ?? options.MaxConcurrent;

    /// <summary>null: without limit.</summary>
    public static double? MonthlyHours(AccountRecord record, AccountOptions options) =>
        (record.MonthlyHours ?? options.MonthlyHours) is >= 0 and var hours ? hours : null;

    /// <summary>null: without limit.</summary>
    public static int? MaxStreamSeconds(AccountRecord record, AccountOptions options) =>
        (record.MaxStreamSeconds ?? options.MaxStreamSeconds) is >= 1 and var seconds ? seconds : null;
}
