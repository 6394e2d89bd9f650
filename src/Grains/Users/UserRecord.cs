using System.Collections.Immutable;

namespace SessionManager.Users;

/// <summary>A user as they are stored.</summary>
public sealed record UserRecord
{
    /// <summary>The shape of this record; a reader of an older shape fills in what is missing.</summary>
    public int Version { get; init; } = 1;

    /// <summary>null: there is no such user.</summary>
    public User? User { get; init; }

    /// <summary>As <see cref="Passwords"/> made it.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>Oldest first.</summary>
    public ImmutableArray<string> KeyIds { get; init; } = [];

    /// <summary>Of those keys that have an end.</summary>
    public ImmutableDictionary<string, DateTimeOffset> KeyEnds { get; init; } = ImmutableDictionary<string, DateTimeOffset>.Empty;

    /// <summary>The login that last changed the password, which ended all others.</summary>
    public KeptLogin? KeptLogin { get; init; }

    public ImmutableArray<ListedKey> Keys() => [.. KeyIds.Select(id => new ListedKey(id, EndOf(id)))];

    /// <param name="insteadOf">Not counted.</param>
    public int LivingKeys(DateTimeOffset now, string? insteadOf) => KeyIds.Count(id => id != insteadOf && !(EndOf(id) <= now));

    public UserRecord WithKey(string id, DateTimeOffset? endsAt) => this with
    {
        KeyIds = KeyIds.Add(id),
        KeyEnds = endsAt is { } at ? KeyEnds.SetItem(id, at) : KeyEnds,
    };

    public UserRecord WithEnd(string id, DateTimeOffset at) => this with { KeyEnds = KeyEnds.SetItem(id, at) };

    public UserRecord WithoutKey(string id) => this with { KeyIds = KeyIds.Remove(id), KeyEnds = KeyEnds.Remove(id) };

    DateTimeOffset? EndOf(string id) => KeyEnds.TryGetValue(id, out var at) ? at : null;
}

/// <param name="TokenId">Its token's <c>jti</c>.</param>
/// <param name="Epoch">The account's, of which it counts as one.</param>
public sealed record KeptLogin(string TokenId, int Epoch);
