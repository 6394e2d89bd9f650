using SessionManager.Randomness;

namespace SessionManager.Sessions;

/// <summary>Session ids: <c>ses_</c> and 16 bytes in base32.</summary>
public static class SessionIds
{
    public const string Prefix = "ses_";
    const int Bytes = 16;

    public static string Random(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        random.Fill(bytes);
        return Prefix + Base32.Encode(bytes);
    }

    /// <summary>Whether the text can be a session's id: no grain is woken for one that cannot.</summary>
    public static bool IsWellFormed(string? text)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        return text is not null
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && Base32.TryDecode(text.AsSpan(Prefix.Length), bytes);
    }
}
