using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using SessionManager.Signing;

namespace SessionManager.Api.Tokens;

/// <summary>The published signing keys, ready for use.</summary>
public sealed class KeyRing
{
    KeyRing(FrozenDictionary<string, ECDsaSecurityKey> keys, ECDsaSecurityKey signer, JsonWebKeySetDocument document, DateTimeOffset refreshAt)
    {
        Keys = keys;
        Signer = signer;
        Document = document;
        RefreshAt = refreshAt;
    }

    /// <summary>By <c>kid</c>.</summary>
    public FrozenDictionary<string, ECDsaSecurityKey> Keys { get; }
    public ECDsaSecurityKey Signer { get; }

    /// <summary>The public halves, as <c>/.well-known/jwks.json</c> shows them.</summary>
    public JsonWebKeySetDocument Document { get; }
    public DateTimeOffset RefreshAt { get; }

    public static KeyRing Of(SigningKeySet set)
    {
        var keys = set.Keys.ToDictionary(key => key.KeyId, Load);
        return new KeyRing(
            keys.ToFrozenDictionary(),
            keys[set.Keys[0].KeyId],
            JsonWebKeySetDocument.Of(keys.Values),
            set.RefreshAt);
    }

    static ECDsaSecurityKey Load(SigningKey key)
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportPkcs8PrivateKey(key.PrivateKey.AsSpan(), out _);
        return new ECDsaSecurityKey(ecdsa) { KeyId = key.KeyId };
    }
}
