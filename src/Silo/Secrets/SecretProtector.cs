using System.Security.Cryptography;
using SessionManager.Randomness;
using SessionManager.Signing;

namespace SessionManager.Secrets;

/// <summary>
/// AES-256-GCM under the deployment's master key: a format byte, a fresh nonce, the tag, the ciphertext. Ours, because Data
/// Protection wants a key ring of its own to be kept, shared and rotated, where one key that the operator gives is all there is to lose.
/// </summary>
public sealed class SecretProtector(byte[] masterKey, IRandomSource random) : ISecretProtector
{
    const byte Format = 1;
    const int NonceBytes = 12;
    const int TagBytes = 16;
    const int HeadBytes = 1 + NonceBytes + TagBytes;

    public const int KeyBytes = 32;

    public byte[] Protect(ReadOnlySpan<byte> secret)
    {
        var data = new byte[HeadBytes + secret.Length];
        data[0] = Format;
        var nonce = data.AsSpan(1, NonceBytes);
        random.Fill(nonce);
        using var cipher = new AesGcm(masterKey, TagBytes);
        cipher.Encrypt(nonce, secret, data.AsSpan(HeadBytes), data.AsSpan(1 + NonceBytes, TagBytes));
        return data;
    }

    public byte[] Unprotect(ReadOnlySpan<byte> data)
    {
        if (data.Length < HeadBytes || data[0] != Format)
            throw new CryptographicException("This is no secret protected by us.");
        var secret = new byte[data.Length - HeadBytes];
        using var cipher = new AesGcm(masterKey, TagBytes);
        cipher.Decrypt(data.Slice(1, NonceBytes), data[HeadBytes..], data.Slice(1 + NonceBytes, TagBytes), secret);
        return secret;
    }
}
