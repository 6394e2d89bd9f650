using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace SessionManager.Accounts;

/// <summary>An account as it is stored.</summary>
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

    /// <summary>By session id: every session that may still need something, whether or not it holds a slot now.</summary>
    public ImmutableDictionary<string, Lease> Leases { get; init; } = ImmutableDictionary<string, Lease>.Empty;

    /// <summary>The first instant of the month (UTC) that <see cref="StreamedSeconds"/> belongs to.</summary>
    public DateTimeOffset Month { get; init; }
    public double StreamedSeconds { get; init; }

    /// <summary>Keys revoked lately: a mint that was under way when its key was revoked must not slip through behind it.</summary>
    public ImmutableDictionary<string, Revocation> RevokedKeys { get; init; } = ImmutableDictionary<string, Revocation>.Empty;
}

/// <param name="ConnectedToo">Its connected sessions end as well.</param>
public sealed record Revocation(DateTimeOffset At, bool ConnectedToo);

/// <summary>
/// What one session holds of the account. The names are one letter because a busy account writes thousands of these at once.
/// </summary>
public sealed record Lease
{
    /// <summary>The key that minted it; null for a login.</summary>
    [JsonPropertyName("k")] public string? KeyId { get; init; }

    /// <summary>When it was granted, Unix milliseconds.</summary>
    [JsonPropertyName("g")] public long GrantedAt { get; init; }

    /// <summary>Until when it holds a slot, Unix milliseconds; null: until it is given back.</summary>
    [JsonPropertyName("u")] public long? SlotUntil { get; init; }

    /// <summary>When the session is to be asked next what it needs, Unix milliseconds; null: at every sweep.</summary>
    [JsonPropertyName("c")] public long? CheckAt { get; init; }

    /// <summary>When it began to stream, Unix milliseconds; null: it has not.</summary>
    [JsonPropertyName("s")] public long? StreamingSince { get; init; }

    public bool HoldsSlot(DateTimeOffset now) => SlotUntil is not { } until || until > now.ToUnixTimeMilliseconds();

    public bool IsDue(DateTimeOffset now) => CheckAt is not { } at || at <= now.ToUnixTimeMilliseconds();
}
