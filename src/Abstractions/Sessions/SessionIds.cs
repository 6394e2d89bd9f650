using System.Security.Cryptography;
using System.Text;
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

    /// <summary>
    /// The id of the session that <paramref name="idempotencyKey"/> mints for the account: the same every time, so that the
    /// session itself is the record of the first answer (docs/decisions, "Idempotent mint").
    /// </summary>
    /// <param name="day">
    /// The day (UTC) of the mint: the key may mint again once its 24 h are over, and no id is ever given to two sessions.
    /// </param>
    public static string Derived(string accountId, string idempotencyKey, DateOnly day)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{accountId}\n{day.DayNumber}\n{idempotencyKey}"));
        return Prefix + Base32.Encode(digest.AsSpan(0, Bytes));
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
