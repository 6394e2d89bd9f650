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
}
