using System.ComponentModel.DataAnnotations;

namespace SessionManager.Keys;

/// <summary>API keys. Section <c>Keys</c>.</summary>
public sealed class KeyOptions
{
    public const string Section = "Keys";

    /// <summary>What every key starts with, by which it is told from a token. <c>odn_</c>. Changing it voids every key.</summary>
    public string Prefix { get; set; } = KeyFormat.DefaultPrefix;

    /// <summary>Living keys a user may have at a time. 100.</summary>
    [Range(1, 10_000)] public int MaxPerAccount { get; set; } = 100;

    /// <summary>How long a key that has ended stays on its user's list, in seconds. 2,592,000 (30 days). Ended keys don't count.</summary>
    [Range(1, 315_360_000)] public int ForgetSeconds { get; set; } = 2_592_000;

    /// <summary>A key's last use reaches storage at most once in this many seconds. 60.</summary>
    [Range(1, 86_400)] public int LastUsedSeconds { get; set; } = 60;
}
