using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.IdentityModel.Tokens;

namespace SessionManager.Api.Tokens;

/// <summary>The JSON Web Key Set (RFC 7517): public halves only.</summary>
public sealed record JsonWebKeySetDocument(ImmutableArray<PublicKey> Keys)
{
    public static JsonWebKeySetDocument Of(IEnumerable<ECDsaSecurityKey> keys) => new([.. keys.Select(PublicKey.Of)]);

    /// <summary>Changes when the set does.</summary>
    [JsonIgnore] public string ETag { get; } = $"\"{string.Join('.', Keys.Select(key => key.Kid))}\"";
}

/// <summary>One P-256 key (RFC 7518, section 6.2).</summary>
public sealed record PublicKey(string Kid, string Kty, string Crv, string X, string Y, string Use, string Alg)
{
    internal static PublicKey Of(ECDsaSecurityKey key)
    {
        var point = key.ECDsa.ExportParameters(includePrivateParameters: false).Q;
        return new PublicKey(
            key.KeyId, "EC", "P-256", Base64UrlEncoder.Encode(point.X), Base64UrlEncoder.Encode(point.Y), "sig", SecurityAlgorithms.EcdsaSha256);
    }
}
