using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using SessionManager.Durability;
using SessionManager.Errors;

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

    /// <summary>Its rotation; null: there was none. The key's own end is another thing, which its successor has too.</summary>
    public Succession? Succession { get; init; }

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

    /// <summary>That a key has ended is told only to whoever has it, or a token got for it.</summary>
    public Result<KeyPrincipal> Authenticate(string id, ImmutableArray<byte>? hash, DateTimeOffset now)
    {
        if (Record is null || (hash is not null && !Matches(hash.Value)))
            return new Refusal(ErrorCatalogue.InvalidKey);
        if (HasEnded(now))
        {
            var at = End()!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            return new Refusal(
                ErrorCatalogue.InvalidKey, Succession is null ? $"The API key expired at {at}." : $"The API key was replaced and ended at {at}.");
        }

        return new KeyPrincipal(id, Record.AccountId, Record.Scopes, Record.AllowedNetworks, End());
    }

    /// <summary>The later of the two; a key that is gone has no uses.</summary>
    public KeyState Used(DateTimeOffset at) => Record is not null && !(LastUsedAt >= at) ? this with { LastUsedAt = at } : this;

    /// <summary>As <see cref="IKeyGrain.Supersede"/>. An end once set only ever comes nearer.</summary>
    public Result<KeyState> Supersede(string successorId, DateTimeOffset endsAt, string? insteadOf, DateTimeOffset now)
    {
        if (Record is null)
            return new Refusal(ErrorCatalogue.KeyNotFound);
        if (Succession?.KeyId == successorId)
            return this;
        if (Succession is not null && Succession.KeyId != insteadOf)
            return KeyRefusals.Rotated(Succession.KeyId);
        if (HasEnded(now))
            return new Refusal(ErrorCatalogue.KeyEnded);
        return this with { Succession = new Succession(successorId, Clock.Earlier(endsAt, Succession?.EndsAt)!.Value) };
    }

    public static KeyState Revoked(DateTimeOffset at) => new() { RevokedAt = at };

    public ApiKey? Describe(string id) => Record is null ? null : new ApiKey
    {
        Id = id,
        Name = Record.Name,
        Prefix = Record.Prefix,
        Scopes = Record.Scopes,
        CreatedAt = Record.CreatedAt,
        LastUsedAt = LastUsedAt,
        ExpiresAt = End(),
        AllowedNetworks = Record.AllowedNetworks,
        ReplacedBy = Succession?.KeyId,
        OwnEnd = Record.ExpiresAt,
    };

    /// <summary>null: never.</summary>
    DateTimeOffset? End() => Clock.Earlier(Record?.ExpiresAt, Succession?.EndsAt);

    bool HasEnded(DateTimeOffset now) => End() <= now;

    bool Matches(ImmutableArray<byte> hash) => CryptographicOperations.FixedTimeEquals(Record!.Hash.AsSpan(), hash.AsSpan());
}

/// <param name="KeyId">The key that has taken the place of this one.</param>
/// <param name="EndsAt">When the grace of this one is over.</param>
public sealed record Succession(string KeyId, DateTimeOffset EndsAt);
