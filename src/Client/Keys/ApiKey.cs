namespace SessionManager.Client;

/// <summary>An API key as lists show it.</summary>
/// <param name="Id">What it is revoked by.</param>
/// <param name="Name">What it was called.</param>
/// <param name="Prefix">Its first characters.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="LastUsedAt">When it was last used with success, to about a minute; <see langword="null"/>: never.</param>
/// <param name="ExpiresAt">When it stops: its own end, or that of its grace once it is replaced; <see langword="null"/>: never.</param>
/// <param name="AllowedNetworks">From where it may be used; <see langword="null"/>: from anywhere.</param>
/// <param name="ReplacedBy">The key that a rotation has made in its place; <see langword="null"/>: there was none.</param>
public sealed record ApiKey(
    string Id,
    string Name,
    string Prefix,
    IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastUsedAt = null,
    DateTimeOffset? ExpiresAt = null,
    IReadOnlyList<string>? AllowedNetworks = null,
    string? ReplacedBy = null);

/// <summary>An API key at the only time that it can be seen.</summary>
/// <param name="Id">What it is revoked by.</param>
/// <param name="Key">The key itself: a secret, shown this once.</param>
/// <param name="Name">What it was called.</param>
/// <param name="Prefix">Its first characters, as lists show them.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it stops by itself; <see langword="null"/>: never.</param>
/// <param name="AllowedNetworks">From where it may be used; <see langword="null"/>: from anywhere.</param>
public sealed record NewApiKey(
    string Id,
    string Key,
    string Name,
    string Prefix,
    IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt = null,
    IReadOnlyList<string>? AllowedNetworks = null)
{
    /// <summary>The key without its secret part.</summary>
    public override string ToString() => $"{nameof(NewApiKey)} {{ {nameof(Id)} = {Id}, {nameof(Name)} = {Name}, {nameof(Prefix)} = {Prefix} }}";
}

/// <summary>What a key is made with.</summary>
public sealed class CreateKeyOptions
{
    /// <summary>1 to 100 characters, to tell the key by.</summary>
    public required string Name { get; init; }

    /// <summary>What it may do, at least one of <see cref="KeyScopes"/>; as few as it needs.</summary>
    public required IReadOnlyCollection<string> Scopes { get; init; }

    /// <summary>When it stops by itself; <see langword="null"/>: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>
    /// The only addresses and networks (<c>203.0.113.7</c>, <c>2001:db8::/32</c>) it may be used from, 1 to 20;
    /// <see langword="null"/>: anywhere.
    /// </summary>
    public IReadOnlyCollection<string>? AllowedNetworks { get; init; }
}

/// <summary>What a key can be allowed, each for itself: none includes another.</summary>
public static class KeyScopes
{
    /// <summary>Reading the profile of the key's owner.</summary>
    public const string ProfileRead = "profile:read";

    /// <summary>Reading sessions.</summary>
    public const string SessionsRead = "sessions:read";

    /// <summary>Minting and dropping sessions.</summary>
    public const string SessionsWrite = "sessions:write";

    /// <summary>Reading broadcasts.</summary>
    public const string BroadcastsRead = "broadcasts:read";

    /// <summary>Ending broadcasts and minting view-only tokens.</summary>
    public const string BroadcastsWrite = "broadcasts:write";

    /// <summary>Reading nodes.</summary>
    public const string NodesRead = "nodes:read";

    /// <summary>Reporting as a streaming node. Only an administrator's key may hold it.</summary>
    public const string NodesReport = "nodes:report";

    /// <summary>Reading what the account has used.</summary>
    public const string UsageRead = "usage:read";
}

sealed record KeyRotation(int? GraceSeconds);
