using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace SessionManager.Peer;

/// <summary>The product's session token by the product's library: ES256, the same claims.</summary>
sealed class SessionTokenSigner
{
    readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    readonly SigningCredentials _credentials =
        new(new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = "peer" }, SecurityAlgorithms.EcdsaSha256);

    public string Sign(string accountId, string sessionId, DateTimeOffset now, DateTimeOffset expires) =>
        _handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = "session+jwt",
            Issuer = "peer",
            Audience = "session",
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            Claims = new Dictionary<string, object>
            {
                ["sub"] = accountId,
                ["jti"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
                ["session_id"] = sessionId,
            },
            SigningCredentials = _credentials,
        });
}
