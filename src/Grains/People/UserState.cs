using System.Collections.Immutable;
using Orleans;

namespace SessionManager.People;

/// <summary>What is stored of a person.</summary>
[GenerateSerializer, Immutable, Alias("user-state")]
public sealed record UserState
{
    /// <summary>null: there is no such person.</summary>
    [Id(0)] public User? User { get; init; }

    /// <summary>As <see cref="Passwords"/> made it.</summary>
    [Id(1)] public string? PasswordHash { get; init; }

    /// <summary>Oldest first.</summary>
    [Id(2)] public ImmutableArray<string> KeyIds { get; init; } = [];
}
