using System.Collections.Immutable;
using Orleans;

namespace SessionManager.Signing;

/// <summary>
/// The keys that sign every token, shared by all processes. One grain, key <see cref="Key"/>. A new key is published before it
/// signs and an old one until its last token has expired, so no verifier ever meets a signature it cannot check.
/// </summary>
[Alias("SessionManager.ISigningKeysGrain")]
public interface ISigningKeysGrain : IGrainWithStringKey
{
    const string Key = "signing";

    Task<SigningKeySet> Get();

    /// <summary>Starts a rotation now, as the schedule does by itself.</summary>
    Task<SigningKeySet> Rotate();
}

/// <param name="Keys">All that are published, the one that signs first.</param>
/// <param name="RefreshAt">When a process that keeps a copy must ask again.</param>
[GenerateSerializer, Immutable, Alias("signing-key-set")]
public sealed record SigningKeySet([property: Id(0)] ImmutableArray<SigningKey> Keys, [property: Id(1)] DateTimeOffset RefreshAt);

/// <summary>One ES256 key (RFC 7518, section 3.4).</summary>
/// <param name="KeyId">The <c>kid</c>.</param>
/// <param name="PrivateKey">PKCS #8, DER. Never logged, never in a response; encrypted where it rests.</param>
[GenerateSerializer, Immutable, Alias("signing-key")]
public sealed record SigningKey(
    [property: Id(0)] string KeyId,
    [property: Id(1)] ImmutableArray<byte> PrivateKey,
    [property: Id(2)] DateTimeOffset CreatedAt);

/// <summary>Encrypts what must not rest in the clear. The master key is the deployment's, not the database's.</summary>
public interface ISecretProtector
{
    byte[] Protect(ReadOnlySpan<byte> secret);

    /// <exception cref="System.Security.Cryptography.CryptographicException">The master key is another, or the data damaged.</exception>
    byte[] Unprotect(ReadOnlySpan<byte> data);
}
