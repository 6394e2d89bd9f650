using SessionManager.Errors;
using SessionManager.Options;
using SessionManager.Sessions;

namespace SessionManager.Accounts;

/// <summary>What an account gives and takes back, as pure functions of (record, event, now).</summary>
public static class AccountMachine
{
    /// <summary>How long a revoked key is remembered: longer than any request that was under way can take.</summary>
    static readonly TimeSpan RevokedKeyMemory = TimeSpan.FromMinutes(10);

    /// <summary>Why nothing at all may be minted with this key (null: a login); null: something may.</summary>
    public static Refusal? Bar(AccountRecord record, string? keyId)
    {
        if (record.Suspended)
            return new Refusal(ErrorCatalogue.AccountSuspended, Details: new UsageDetails { Reason = record.SuspendedReason ?? "" });
        if (keyId is not null && record.RevokedKeys.ContainsKey(keyId))
            return new Refusal(ErrorCatalogue.InvalidKey);
        return keyId is null || MayUseKeys(record) ? null : new Refusal(ErrorCatalogue.KeysDisabled);
    }

    /// <summary>Why this account may not mint now; null: it may.</summary>
    public static Refusal? Refuse(AccountRecord record, string? keyId, DateTimeOffset now, AccountOptions options)
    {
        if (Bar(record, keyId) is { } barred)
            return barred;
        if (MonthlyHours(record, options) is { } hours && StreamedSeconds(record, now) >= hours * 3600)
        {
            var reset = NextMonth(now);
            return new Refusal(
                ErrorCatalogue.MonthlyLimit,
                Details: new UsageDetails
                {
                    UsedHours = Hours(StreamedSeconds(record, now)),
                    LimitHours = hours,
                    ResetDate = reset,
                });
        }

        var limit = MaxConcurrent(record, options);
        if (record.Leases.Count < limit)
            return null;
        var active = ActiveCount(record, now);
        return active < limit
            ? null
            : new Refusal(
                ErrorCatalogue.ConcurrentLimit,
                RetryAfterSeconds: SecondsToNextSlot(record, now),
                Details: new UsageDetails { ActiveCount = active, Limit = limit });
    }

    /// <summary>
    /// Gives the session a slot. It is to be checked soon: a crash may leave the lease without a session, and the session's
    /// own word replaces what the mint assumed.
    /// </summary>
    public static AccountRecord Grant(AccountRecord record, string sessionId, string? keyId, DateTimeOffset slotUntil, DateTimeOffset now) =>
        record with
        {
            Leases = record.Leases.SetItem(sessionId, new Lease
            {
                KeyId = keyId,
                GrantedAt = now.ToUnixTimeMilliseconds(),
                SlotUntil = slotUntil.ToUnixTimeMilliseconds(),
                CheckAt = Soon(now, slotUntil),
            }),
        };

    public static AccountRecord Forget(AccountRecord record, string sessionId) =>
        record with { Leases = record.Leases.Remove(sessionId) };

    /// <summary>The slot lasts until another instant; null where the session holds none any more.</summary>
    public static AccountRecord? Extend(AccountRecord record, string sessionId, DateTimeOffset slotUntil, DateTimeOffset now)
    {
        if (!record.Leases.TryGetValue(sessionId, out var lease) || !lease.HoldsSlot(now))
            return null;
        var until = slotUntil.ToUnixTimeMilliseconds();
        return lease.SlotUntil is null || lease.SlotUntil == until
            ? record
            : record with
            {
                Leases = record.Leases.SetItem(sessionId, lease with
                {
                    SlotUntil = until,
                    // Not later than it was due anyway: what asks for this may be cut off, and the session's deadline be the old one.
                    CheckAt = lease.CheckAt is { } due ? Math.Min(due, Soon(now, slotUntil)) : null,
                }),
            };
    }

    /// <summary>
    /// The slot lasts until it is given back. Refused with <c>session_expired</c> where the session holds none any more, and with
    /// <c>session_dropped</c> where it is to be dropped: a connect must not make it one that a revocation spares.
    /// </summary>
    public static Result<AccountRecord> Hold(AccountRecord record, string sessionId, DateTimeOffset now)
    {
        if (!record.Leases.TryGetValue(sessionId, out var lease) || !lease.HoldsSlot(now))
            return new Refusal(ErrorCatalogue.SessionExpired);
        if (Doom(record, lease) is not null)
            return new Refusal(ErrorCatalogue.SessionDropped);
        return lease is { SlotUntil: null, StreamingSince: not null }
            ? record
            : record with
            {
                Leases = record.Leases.SetItem(sessionId, lease with
                {
                    SlotUntil = null,
                    CheckAt = null,
                    StreamingSince = lease.StreamingSince ?? now.ToUnixTimeMilliseconds(),
                }),
            };
    }

    /// <summary>The slot is free. What the session streamed is counted with it, and so only once.</summary>
    public static AccountRecord Release(AccountRecord record, string sessionId, double streamedSeconds, bool settled, DateTimeOffset now)
    {
        if (!record.Leases.TryGetValue(sessionId, out var lease))
            return record;
        var streamed = lease.StreamingSince is null ? 0 : Math.Min(streamedSeconds, (now - MonthOf(now)).TotalSeconds);
        var counted = streamed == 0 ? record : InMonth(record, now);
        return counted with
        {
            StreamedSeconds = counted.StreamedSeconds + streamed,
            Leases = settled
                ? record.Leases.Remove(sessionId)
                : record.Leases.SetItem(sessionId, lease with { SlotUntil = 0, CheckAt = null, StreamingSince = null }),
        };
    }

    /// <summary>
    /// Applies what the session said it holds, if the lease is still the one it was asked about: an answer that a connect or a
    /// disconnect has overtaken is void. "Nothing" from a session younger than its grant's life is void too: its record may
    /// still be on its way.
    /// </summary>
    public static AccountRecord Checked(AccountRecord record, string sessionId, Lease asked, SessionHold? hold, DateTimeOffset askedAt)
    {
        if (!record.Leases.TryGetValue(sessionId, out var lease) || !ReferenceEquals(lease, asked))
            return record;
        if (hold is null)
            return MayBeMinting(lease, askedAt) ? record : Forget(record, sessionId);
        var told = lease with
        {
            SlotUntil = hold.SlotUntil?.ToUnixTimeMilliseconds(),
            CheckAt = hold.CheckAt?.ToUnixTimeMilliseconds(),
            StreamingSince = hold.SlotUntil is null ? lease.StreamingSince : null,
        };
        return told == lease ? record : record with { Leases = record.Leases.SetItem(sessionId, told) };
    }

    /// <summary>Whether the session of this lease may be on its way to storage still.</summary>
    public static bool MayBeMinting(Lease lease, DateTimeOffset now) =>
        now - DateTimeOffset.FromUnixTimeMilliseconds(lease.GrantedAt) < SessionMachine.GrantLife;

    public static AccountRecord Open(AccountSettings settings, DateTimeOffset now) => new()
    {
        OpenedAt = now,
        Month = MonthOf(now),
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
            .SetItem(keyId, new Revocation(now, connectedToo)),
    };

    /// <summary>Why the session of this lease must end, if what was decided on the account or its key has not reached it yet.</summary>
    public static DropReason? Doom(AccountRecord record, Lease lease)
    {
        if (record.Suspended)
            return DropReason.AccountSuspended;
        if (lease.KeyId is not { } key)
            return null;
        var revoked = record.RevokedKeys.GetValueOrDefault(key);
        var unconnectedToo = revoked is not null || !MayUseKeys(record);
        return revoked is { ConnectedToo: true } || (unconnectedToo && lease.SlotUntil is not null) ? DropReason.Terminated : null;
    }

    public static Account View(string accountId, AccountRecord record, DateTimeOffset now, AccountOptions options) => new()
    {
        AccountId = accountId,
        IsAdmin = record.IsAdmin,
        KeysEnabled = record.KeysEnabled,
        Suspended = record.Suspended,
        SuspendedReason = record.SuspendedReason,
        MaxConcurrent = MaxConcurrent(record, options),
        MonthlyHours = MonthlyHours(record, options),
        MaxStreamSeconds = MaxStreamSeconds(record, options),
        ActiveCount = ActiveCount(record, now),
        OpenedAt = record.OpenedAt,
        LoginEpoch = record.LoginEpoch,
    };

    public static AccountUsage Usage(AccountRecord record, DateTimeOffset now, AccountOptions options) => new()
    {
        PeriodStart = MonthOf(now),
        ResetDate = NextMonth(now),
        UsedHours = Hours(StreamedSeconds(record, now)),
        LimitHours = MonthlyHours(record, options),
        ActiveCount = ActiveCount(record, now),
        Limit = MaxConcurrent(record, options),
    };

    /// <summary>Administrators always have key access (seed: API keys).</summary>
    public static bool MayUseKeys(AccountRecord record) => record.KeysEnabled || record.IsAdmin;

    public static int ActiveCount(AccountRecord record, DateTimeOffset now) =>
        record.Leases.Count(lease => lease.Value.HoldsSlot(now));

    public static int MaxConcurrent(AccountRecord record, AccountOptions options) => record.MaxConcurrent ?? options.MaxConcurrent;

    public static int? MaxStreamSeconds(AccountRecord record, AccountOptions options) =>
        (record.MaxStreamSeconds ?? options.MaxStreamSeconds) is >= 1 and var seconds ? seconds : null;

    /// <summary>This month's, with what is streaming now. A stream's time before the month began is not this month's.</summary>
    public static double StreamedSeconds(AccountRecord record, DateTimeOffset now)
    {
        var month = MonthOf(now).ToUnixTimeMilliseconds();
        var streaming = record.Leases.Values
            .Where(lease => lease.StreamingSince is not null)
            .Sum(lease => Math.Max(0, now.ToUnixTimeMilliseconds() - Math.Max(month, lease.StreamingSince!.Value)));
        return InMonth(record, now).StreamedSeconds + streaming / 1000.0;
    }

    static double? MonthlyHours(AccountRecord record, AccountOptions options) =>
        (record.MonthlyHours ?? options.MonthlyHours) is >= 0 and var hours ? hours : null;

    static AccountRecord InMonth(AccountRecord record, DateTimeOffset now) =>
        record.Month == MonthOf(now) ? record : record with { Month = MonthOf(now), StreamedSeconds = 0 };

    static DateTimeOffset MonthOf(DateTimeOffset now) => new(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);

    static DateTimeOffset NextMonth(DateTimeOffset now) => MonthOf(now).AddMonths(1);

    static double Hours(double seconds) => Math.Round(seconds / 3600, 4);

    static long Soon(DateTimeOffset now, DateTimeOffset slotUntil) =>
        Math.Min((now + SessionMachine.GrantLife).ToUnixTimeMilliseconds(), slotUntil.ToUnixTimeMilliseconds());

    /// <summary>Waiting helps where a slot's end is known: the earliest of them.</summary>
    static int? SecondsToNextSlot(AccountRecord record, DateTimeOffset now)
    {
        var next = record.Leases.Values
            .Where(lease => lease.SlotUntil is not null && lease.HoldsSlot(now))
            .Min(lease => lease.SlotUntil);
        return next is { } at ? Math.Max(1, (int)Math.Ceiling((at - now.ToUnixTimeMilliseconds()) / 1000.0)) : null;
    }
}
