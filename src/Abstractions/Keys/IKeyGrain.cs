using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Serialization;
using Orleans;
using Orleans.Concurrency;
using SessionManager.Errors;

namespace SessionManager.Keys;

/// <summary>
/// One API key, by its id, which is derived from the key's hash: whoever has the key can compute where its record is, and
/// whoever has the record cannot compute the key. Its account remembers what it answered, and forgets it before a revocation, or an
/// earlier end, is answered: a revoked key is dead at once.
/// </summary>
[Alias("SessionManager.IKeyGrain")]
public interface IKeyGrain : IGrainWithStringKey
{
    /// <summary>
    /// Writes the record. Idempotent for the same hash and owner. False where the key was revoked: nothing brings it back.
    /// </summary>
    /// <exception cref="InvalidOperationException">The id is another key's.</exception>
    Task<bool> Create(KeyRecord record);

    /// <summary>
    /// Whether the key lives. Refused with <c>invalid_key</c> where it is unknown, revoked or ended, or the hash is another's; that it
    /// has ended is told only to whoever has it.
    /// </summary>
    /// <param name="hash">SHA-256 of the whole key; null where the id comes from a token got for the key.</param>
    [AlwaysInterleave, ReadOnly]
    Task<Result<KeyPrincipal>> Authenticate(ImmutableArray<byte>? hash);

    /// <summary>null where there is none.</summary>
    [AlwaysInterleave, ReadOnly]
    Task<ApiKey?> Get();

    /// <summary>
    /// The key has let someone in. Noted in memory; the note reaches storage later and never on a request's path.
    /// </summary>
    [AlwaysInterleave]
    Task Used();

    /// <summary>
    /// A successor takes this key's place: it opens nothing from <paramref name="endsAt"/> on, from its own end, or from the end that
    /// an earlier successor left it, whichever comes first. Idempotent for the same successor. Refused with <c>key_rotated</c> where it
    /// has another, <c>key_ended</c> or <c>key_not_found</c>.
    /// </summary>
    /// <param name="insteadOf">The successor it has and that is gone; null: it has none.</param>
    Task<Refusal?> Supersede(string successorId, DateTimeOffset endsAt, string? insteadOf);

    /// <summary>
    /// Deletes the key, for good. When this answers, no request that starts later is let in by it. Idempotent; null where
    /// there was none any more.
    /// </summary>
    Task<ApiKey?> Revoke();
}

/// <summary>Who a living key stands for.</summary>
/// <param name="EndsAt">When it stops by itself; null: never.</param>
[GenerateSerializer, Immutable, Alias("key-principal")]
public sealed record KeyPrincipal(
    [property: Id(0)] string KeyId,
    [property: Id(1)] string AccountId,
    [property: Id(2)] ImmutableArray<string> Scopes,
    [property: Id(3)] ImmutableArray<string>? AllowedNetworks = null,
    [property: Id(4)] DateTimeOffset? EndsAt = null)
{
    public bool MayCallFrom(IPAddress? address) => AllowedNetworks is not { } allowed || Networks.AnyHas(allowed, address);
}

/// <summary>A key at its creation. The key itself is nowhere in it.</summary>
[GenerateSerializer, Immutable, Alias("key-record")]
public sealed record KeyRecord
{
    [Id(0)] public required string AccountId { get; init; }
    [Id(1)] public required ImmutableArray<byte> Hash { get; init; }
    [Id(2)] public required string Name { get; init; }

    /// <summary>The key's first characters, by which people tell their keys apart.</summary>
    [Id(3)] public required string Prefix { get; init; }
    [Id(4)] public required ImmutableArray<string> Scopes { get; init; }
    [Id(5)] public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>null: it does not expire, as no key does by default.</summary>
    [Id(6)] public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>From where it may be used, as <see cref="Networks"/> reads it. null: from anywhere, as any key by default.</summary>
    [Id(7)] public ImmutableArray<string>? AllowedNetworks { get; init; }
}

/// <summary>A key as its owner's list shows it; serialized in snake_case it is the wire's own form.</summary>
[GenerateSerializer, Immutable, Alias("api-key")]
public sealed record ApiKey
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required string Prefix { get; init; }
    [Id(3)] public required ImmutableArray<string> Scopes { get; init; }
    [Id(4)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(5)] public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>When it stops: its own end, or that of its grace once it is replaced. null: never.</summary>
    [Id(6)] public DateTimeOffset? ExpiresAt { get; init; }
    [Id(7)] public ImmutableArray<string>? AllowedNetworks { get; init; }

    /// <summary>The key that has taken its place.</summary>
    [Id(8)] public string? ReplacedBy { get; init; }

    /// <summary>Its own end, whatever has replaced it: that of its successor, too.</summary>
    [Id(9), JsonIgnore] public DateTimeOffset? OwnEnd { get; init; }
}
