using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace SessionManager.Nodes;

/// <summary>A node as it is stored. Its lease is not: after a crash it is given a whole one to be heard of again.</summary>
public sealed record NodeRecord
{
    /// <summary>The shape of this record; a reader of an older shape fills in what is missing.</summary>
    public int Version { get; init; } = 1;

    public string? OwnerId { get; init; }

    /// <summary>null: never registered, or deleted. The owner stays: the id is not another's to take.</summary>
    public NodeRegistration? Registration { get; init; }
    public bool Draining { get; init; }

    /// <summary>Its lease ran out; it has not been heard of since.</summary>
    public bool Lost { get; init; }

    /// <summary>It was deleted: what is left of its places is to be dropped, not moved.</summary>
    public bool Deleted { get; init; }

    /// <summary>By session id.</summary>
    public ImmutableDictionary<string, Place> Places { get; init; } = ImmutableDictionary<string, Place>.Empty;
}

/// <summary>One session's place. The names are one letter because a busy node writes thousands of these at once.</summary>
public sealed record Place
{
    /// <summary>Until when it is taken, Unix milliseconds; null: until it is given back.</summary>
    [JsonPropertyName("u")] public long? Until { get; init; }

    /// <summary>When it was taken, Unix milliseconds.</summary>
    [JsonPropertyName("t")] public long TakenAt { get; init; }

    /// <summary>The session has said that it needs it.</summary>
    [JsonPropertyName("v")] public bool Verified { get; init; }

    public bool IsTaken(DateTimeOffset now) => Until is not { } until || until > now.ToUnixTimeMilliseconds();

    /// <summary>No two are the same: what is decided on one is void once it was taken anew, even for the same time.</summary>
    public bool Equals(Place? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
}
