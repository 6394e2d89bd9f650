using System.Security.Cryptography;
using System.Text;
using SessionManager.Randomness;

namespace SessionManager.Users;

/// <summary>User ids, which are account ids: <c>usr_</c> and 16 bytes of the username's digest in base32.</summary>
public static class UserIds
{
    const string Prefix = "usr_";
    const int Bytes = 16;

    /// <summary>Usernames are compared without regard to case.</summary>
    public static string Of(string username) =>
        Prefix + Base32.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(username.ToLowerInvariant())).AsSpan(0, Bytes));

    /// <summary>Whether the text can be a user's id: no grain is woken for one that cannot.</summary>
    public static bool IsWellFormed(string? text)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        return text is not null
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && Base32.TryDecode(text.AsSpan(Prefix.Length), bytes);
    }
}
