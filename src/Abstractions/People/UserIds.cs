using System.Security.Cryptography;
using System.Text;
using SessionManager.Randomness;

namespace SessionManager.People;

/// <summary>User ids, which are account ids: <c>usr_</c> and 16 bytes of the username's digest in base32.</summary>
public static class UserIds
{
    /// <summary>Usernames are compared without regard to case.</summary>
    public static string Of(string username) =>
        "usr_" + Base32.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(username.ToLowerInvariant())).AsSpan(0, 16));
}
