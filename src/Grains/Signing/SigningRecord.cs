using System.Collections.Immutable;

namespace SessionManager.Signing;

/// <summary>The signing keys as they are stored, newest last.</summary>
public sealed record SigningRecord
{
    public int Version { get; init; } = 1;
    public ImmutableArray<StoredKey> Keys { get; init; } = [];
}

/// <param name="ProtectedKey">The private key (PKCS #8), encrypted by <see cref="ISecretProtector"/>.</param>
/// <param name="SignsFrom">Until then it is only published.</param>
public sealed record StoredKey(string KeyId, ImmutableArray<byte> ProtectedKey, DateTimeOffset CreatedAt, DateTimeOffset SignsFrom);
