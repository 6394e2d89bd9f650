using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using SessionManager.Randomness;

namespace SessionManager.Keys;

/// <summary>
/// An API key's text: a prefix and 52 base32 characters, which are 28 random bytes and their CRC-32 (big-endian). The checksum
/// tells a mistyped key from an unknown one without a lookup; the spare four bits are zero.
/// </summary>
public static class KeyFormat
{
    public const string DefaultPrefix = "odn_";
    const int RandomBytes = 28;
    const int AllBytes = RandomBytes + sizeof(uint);
    const int ShownCharacters = 6;

    /// <summary>1 to 15 lowercase letters and digits, then an underscore: no token begins so.</summary>
    public static bool IsPrefix(string text) => text.Length is > 1 and <= 16 && text[^1] == '_'
        && text[..^1].All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character));

    public static string Create(IRandomSource random, string prefix = DefaultPrefix)
    {
        Span<byte> bytes = stackalloc byte[AllBytes];
        random.Fill(bytes[..RandomBytes]);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[RandomBytes..], Crc32.HashToUInt32(bytes[..RandomBytes]));
        return prefix + Base32.Encode(bytes);
    }

    public static bool IsWellFormed(string? text, string prefix = DefaultPrefix)
    {
        Span<byte> bytes = stackalloc byte[AllBytes];
        return text is not null
            && text.StartsWith(prefix, StringComparison.Ordinal)
            && Base32.TryDecode(text.AsSpan(prefix.Length), bytes)
            && BinaryPrimitives.ReadUInt32BigEndian(bytes[RandomBytes..]) == Crc32.HashToUInt32(bytes[..RandomBytes]);
    }

    /// <summary>SHA-256 of the whole text. A key is 224 random bits, so a fast hash keeps it as safe as a slow one.</summary>
    public static ImmutableArray<byte> Hash(string key) => [.. SHA256.HashData(Encoding.UTF8.GetBytes(key))];

    /// <summary>The key's public id: half of its hash, 128 bits, from which nothing of the key can be had.</summary>
    public static string IdOf(ImmutableArray<byte> hash) => "key_" + Base32.Encode(hash.AsSpan()[..16]);

    /// <summary>What lists show of a key.</summary>
    public static string Shown(string key, string prefix = DefaultPrefix) => key[..(prefix.Length + ShownCharacters)];
}
