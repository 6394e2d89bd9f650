using System.Collections.Immutable;
using System.Security.Cryptography;

namespace SessionManager.Keys;

/// <summary>What is stored of a key, and every decision about it.</summary>
public sealed record KeyState
{
    /// <summary>The shape of this record; a reader of an older shape fills in what is missing.</summary>
    public int Version { get; init; } = 1;

    /// <summary>null: never created, or revoked.</summary>
    public KeyRecord? Record { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>
    /// All that is left of a revoked key. Without it a creation repeated after the revocation would bring the key back.
    /// </summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The key created; this very state where it already is; null where it was revoked.</summary>
    /// <exception cref="InvalidOperationException">The id is another key's.</exception>
    public KeyState? Create(KeyRecord record)
    {
        if (RevokedAt is not null)
            return null;
        if (Record is null)
            return new KeyState { Record = record };
        return Matches(record.Hash) && Record.AccountId == record.AccountId
            ? this
            : throw new InvalidOperationException("Another key has this id.");
    }

    public KeyPrincipal? Authenticate(string id, ImmutableArray<byte>? hash, DateTimeOffset now) =>
        Record is not null && !(Record.ExpiresAt <= now) && (hash is null || Matches(hash.Value))
            ? new KeyPrincipal(id, Record.AccountId, Record.Scopes, Record.AllowedNetworks)
            : null;

    /// <summary>The later of the two; a key that is gone has no uses.</summary>
    public KeyState Used(DateTimeOffset at) => Record is not null && !(LastUsedAt >= at) ? this with { LastUsedAt = at } : this;

    /// <summary>An end once set only ever comes nearer.</summary>
    public KeyState Expire(DateTimeOffset at) =>
        Record is null || Record.ExpiresAt <= at ? this : this with { Record = Record with { ExpiresAt = at } };

    public static KeyState Revoked(DateTimeOffset at) => new() { RevokedAt = at };

    public ApiKey? Describe(string id) => Record is null ? null : new ApiKey
    {
        Id = id,
        Name = Record.Name,
        Prefix = Record.Prefix,
        Scopes = Record.Scopes,
        CreatedAt = Record.CreatedAt,
        LastUsedAt = LastUsedAt,
        ExpiresAt = Record.ExpiresAt,
        AllowedNetworks = Record.AllowedNetworks,
    };

    bool Matches(ImmutableArray<byte> hash) => CryptographicOperations.FixedTimeEquals(Record!.Hash.AsSpan(), hash.AsSpan());
}
