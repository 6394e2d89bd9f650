namespace SessionManager.Randomness;

/// <summary>
/// RFC 4648 base32 in lowercase and without padding: ids and keys that survive being read aloud. Ours, because the framework has
/// none, and a key's text must have one form only, so that decoding refuses spare bits.
/// </summary>
public static class Base32
{
    const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[(bytes.Length * 8 + 4) / 5];
        int buffer = 0, bits = 0, next = 0;
        foreach (var value in bytes)
        {
            buffer = (buffer << 8) | value;
            bits += 8;
            while (bits >= 5)
                text[next++] = Alphabet[(buffer >> (bits -= 5)) & 31];
            buffer &= (1 << bits) - 1;
        }

        if (bits > 0)
            text[next] = Alphabet[(buffer << (5 - bits)) & 31];
        return new string(text);
    }

    /// <summary>The bytes, or false where a character is foreign, the length impossible or a spare bit set.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.Length != (bytes.Length * 8 + 4) / 5)
            return false;
        int buffer = 0, bits = 0, next = 0;
        foreach (var character in text)
        {
            var value = Alphabet.IndexOf(character, StringComparison.Ordinal);
            if (value < 0)
                return false;
            buffer = (buffer << 5) | value;
            bits += 5;
            if (bits >= 8)
                bytes[next++] = (byte)(buffer >> (bits -= 8));
            buffer &= (1 << bits) - 1;
        }

        return buffer == 0;
    }
}
