using System.ComponentModel.DataAnnotations;

namespace SessionManager.Sessions;

/// <summary>A session's times, in whole seconds from 1 up. Section <c>Sessions</c>.</summary>
public sealed class SessionOptions
{
    public const string Section = "Sessions";

    /// <summary>A session token's life. 600 (seed: client credentials, "expire after 10 minutes").</summary>
    [Range(1, 86_400)] public int TokenSeconds { get; set; } = 600;

    /// <summary>Never connected, and nothing heard of for this long: dropped. 900. Not shorter than a token's life.</summary>
    [Range(1, 86_400)] public int IdleSeconds { get; set; } = 900;

    /// <summary>How late a deadline may be kept when the timer that should have kept it is gone. 30.</summary>
    [Range(1, 3_600)] public int SweepSeconds { get; set; } = 30;

    /// <summary>How long a dropped session can be read, in seconds. 86,400 (24 h).</summary>
    [Range(1, 31_536_000)] public int RetentionSeconds { get; set; } = 86_400;
}
