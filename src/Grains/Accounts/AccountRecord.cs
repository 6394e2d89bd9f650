using System.Collections.Immutable;

namespace SessionManager.Accounts;

/// <summary>An account's settings as they are stored. What its sessions hold is not in here: that is in their rows.</summary>
public sealed record AccountRecord
{
    /// <summary>The shape of this record; a reader of an older shape fills in what is missing.</summary>
    public int Version { get; init; } = 1;

    public DateTimeOffset OpenedAt { get; init; }
    public bool IsAdmin { get; init; }
    public bool KeysEnabled { get; init; }
    public bool Suspended { get; init; }
    public string? SuspendedReason { get; init; }

    /// <summary>null: the configured default.</summary>
    public int? MaxConcurrent { get; init; }

    /// <summary>null: the configured default; negative: without limit.</summary>
    public double? MonthlyHours { get; init; }

    /// <summary>null: the configured default; negative: without limit.</summary>
    public int? MaxStreamSeconds { get; init; }
    public int LoginEpoch { get; init; }

    /// <summary>Keys revoked lately: a mint that was under way when its key was revoked must not slip through behind it.</summary>
    public ImmutableDictionary<string, Revocation> RevokedKeys { get; init; } = ImmutableDictionary<string, Revocation>.Empty;
}

/// <param name="ConnectedToo">Its connected sessions end as well.</param>
public sealed record Revocation(DateTimeOffset At, bool ConnectedToo);
