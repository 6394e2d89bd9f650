using System.ComponentModel.DataAnnotations;

namespace SessionManager.Signing;

/// <summary>The keys that sign tokens. Section <c>Signing</c>.</summary>
public sealed class SigningOptions
{
    public const string Section = "Signing";

    /// <summary>How long a key signs, in seconds. 2,592,000 (30 days).</summary>
    [Range(1, 315_360_000)] public int RotationSeconds { get; set; } = 2_592_000;

    /// <summary>How long a key is published before it signs, so that every cached key set holds it by then. 3,600.</summary>
    [Range(1, 86_400)] public int PublishSeconds { get; set; } = 3_600;

    /// <summary>How long a key is published after it last signed: no shorter than any token's life. 90,000 (25 h).</summary>
    [Range(1, 31_536_000)] public int RetireSeconds { get; set; } = 90_000;
}
