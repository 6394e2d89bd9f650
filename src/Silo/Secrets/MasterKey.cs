using System.Security.Cryptography;
using SessionManager.Configuration;
using SessionManager.Hosting;
using SessionManager.Randomness;

namespace SessionManager.Secrets;

/// <summary>
/// The key that encrypts the signing keys where they rest: <c>Signing__MasterKey</c> (base64, 32 bytes), or one made at the
/// first start and kept in the data folder, for its owner alone to read.
/// </summary>
static class MasterKey
{
    public const string Setting = "Signing:MasterKey";
    const string FileName = "master.key";

    public static byte[] Load(Settings settings, DataFolder folder, IRandomSource random)
    {
        if (settings.Text(Setting) is { } given)
            return Parse(given) ?? throw new StartupException("Signing__MasterKey must be 32 bytes in base64.");
        var path = folder.File(FileName);
        if (!File.Exists(path))
            Create(path, random);
        return Parse(File.ReadAllText(path)) ?? throw new StartupException(
            $"{path} is damaged: it must hold 32 bytes in base64. Without the key it held, stored signing keys cannot be read.");
    }

    static void Create(string path, IRandomSource random)
    {
        var key = new byte[SecretProtector.KeyBytes];
        random.Fill(key);
        PrivateFile.Write(path, Convert.ToBase64String(key) + "\n", replace: false);
        CryptographicOperations.ZeroMemory(key);
    }

    static byte[]? Parse(string text)
    {
        var key = new byte[SecretProtector.KeyBytes];
        return Convert.TryFromBase64String(text.Trim(), key, out var length) && length == key.Length ? key : null;
    }
}
