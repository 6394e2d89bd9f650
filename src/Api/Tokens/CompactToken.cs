using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace SessionManager.Api.Tokens;

/// <summary>The claims that every token has (RFC 7519, section 4.1). It is good from when it was issued.</summary>
readonly record struct RegisteredClaims(
    string Issuer, string Audience, string Subject, string Id, DateTimeOffset Issued, DateTimeOffset Expires);

/// <summary>
/// Writes a token: the compact form of RFC 7515, signed with ES256. Ours, because the library writes and copies each part several times,
/// and every mint makes one; that tokens are right is still the library's to check.
/// </summary>
static class CompactToken
{
    const int SignatureBytes = 64;
    const int UsualBytes = 1024;

    [ThreadStatic] static ArrayBufferWriter<byte>? _part;
    [ThreadStatic] static ArrayBufferWriter<byte>? _text;

    /// <param name="claims">Besides the registered ones: strings, numbers, and what else JSON has a form for.</param>
    public static string Sign(ECDsaSecurityKey key, string type, in RegisteredClaims registered, Dictionary<string, object> claims)
    {
        var part = _part ??= new(UsualBytes);
        var text = _text ??= new(UsualBytes);
        text.ResetWrittenCount();

        part.ResetWrittenCount();
        using (var header = new Utf8JsonWriter(part))
        {
            header.WriteStartObject();
            header.WriteString("alg"u8, SecurityAlgorithms.EcdsaSha256);
            header.WriteString("kid"u8, key.KeyId);
            header.WriteString("typ"u8, type);
            header.WriteEndObject();
        }

        Append(text, part.WrittenSpan);
        text.Write("."u8);

        part.ResetWrittenCount();
        using (var payload = new Utf8JsonWriter(part))
        {
            payload.WriteStartObject();
            payload.WriteString("iss"u8, registered.Issuer);
            payload.WriteString("aud"u8, registered.Audience);
            payload.WriteString("sub"u8, registered.Subject);
            payload.WriteString("jti"u8, registered.Id);
            payload.WriteNumber("iat"u8, registered.Issued.ToUnixTimeSeconds());
            payload.WriteNumber("nbf"u8, registered.Issued.ToUnixTimeSeconds());
            payload.WriteNumber("exp"u8, registered.Expires.ToUnixTimeSeconds());
            foreach (var (name, value) in claims)
            {
                payload.WritePropertyName(name);
                JsonSerializer.Serialize(payload, value);
            }

            payload.WriteEndObject();
        }

        Append(text, part.WrittenSpan);

        Span<byte> signature = stackalloc byte[SignatureBytes];
        key.ECDsa.SignData(text.WrittenSpan, signature, HashAlgorithmName.SHA256);
        text.Write("."u8);
        Append(text, signature);
        return Encoding.ASCII.GetString(text.WrittenSpan);
    }

    static void Append(ArrayBufferWriter<byte> text, ReadOnlySpan<byte> bytes) =>
        text.Advance(Base64Url.EncodeToUtf8(bytes, text.GetSpan(Base64Url.GetEncodedLength(bytes.Length))));
}
