using System.ComponentModel.DataAnnotations;
using SessionManager.Keys;

namespace SessionManager.Options;

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

/// <summary>Section <c>Nodes</c>.</summary>
public sealed class NodeOptions
{
    public const string Section = "Nodes";

    /// <summary>A node that is not heard of for this long is lost. 15 s.</summary>
    [Range(1, 3_600)] public int LeaseSeconds { get; set; } = 15;

    /// <summary>A node that has been lost for this long is forgotten, and its id is free. 86,400 (a day).</summary>
    [Range(1, 31_536_000)] public int ForgetSeconds { get; set; } = 86_400;
}

/// <summary>What an account may do where no administrator said otherwise. Section <c>Accounts</c>.</summary>
public sealed class AccountOptions
{
    public const string Section = "Accounts";

    /// <summary>Sessions open at a time. 5.</summary>
    [Range(1, 10_000_000)] public int MaxConcurrent { get; set; } = 5;

    /// <summary>Requests a minute of the account, with all its keys and logins. 600.</summary>
    [Range(1, 100_000_000)] public int RequestsPerMinute { get; set; } = 600;

    /// <summary>Requests a minute of each of its keys; null: a key may use up all that the account has.</summary>
    [Range(1, 100_000_000)] public int? KeyRequestsPerMinute { get; set; }

    /// <summary>Streaming hours a calendar month (UTC); null: no limit.</summary>
    [Range(0, 10_000_000)] public double? MonthlyHours { get; set; }

    /// <summary>The longest a stream may last, in seconds; null: no limit.</summary>
    [Range(1, 31_536_000)] public int? MaxStreamSeconds { get; set; }
}

/// <summary>The demonstration data a first start makes. Section <c>Demo</c>.</summary>
public sealed class DemoOptions
{
    public const string Section = "Demo";

    /// <summary>Whether a start makes (and keeps) the demo account, its key and the demo node.</summary>
    public bool Enabled { get; set; }

    /// <summary>Places on the demo node. 100.</summary>
    [Range(1, 10_000_000)] public int NodeCapacity { get; set; } = 100;

    /// <summary>
    /// The folder of the sample streamer, which gives the demo node a picture where Node.js is present. null: it has none.
    /// </summary>
    public string? Streamer { get; set; }
}

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

/// <summary>Passwords and the logins tried with them. Section <c>Logins</c>.</summary>
public sealed class LoginOptions
{
    public const string Section = "Logins";

    /// <summary>
    /// PBKDF2-HMAC-SHA512 rounds: 210,000, as the OWASP password storage cheat sheet asks. A hash of fewer rounds is made anew
    /// at the user's next login.
    /// </summary>
    [Range(1, 100_000_000)] public int HashIterations { get; set; } = 210_000;

    /// <summary>Passwords hashed at a time in one process; null: half the processors, at least one.</summary>
    [Range(1, 1_024)] public int? HashConcurrency { get; set; }

    /// <summary>Logins that may wait for their turn to be hashed; more are answered 503. 100.</summary>
    [Range(1, 100_000)] public int HashQueue { get; set; } = 100;

    /// <summary>The shortest password allowed, in characters. 8 (NIST SP 800-63B).</summary>
    [Range(1, 128)] public int MinPasswordLength { get; set; } = 8;

    /// <summary>Failed logins of one user before the next must wait. 5.</summary>
    [Range(1, 1_000_000)] public int UserFailures { get; set; } = 5;

    /// <summary>Failed logins from one address before the next must wait. 50: people share addresses.</summary>
    [Range(1, 1_000_000)] public int AddressFailures { get; set; } = 50;

    /// <summary>
    /// The longest a failed login delays the next, in seconds. 60: enough against guessing, and someone else's guessing cannot
    /// keep a user out for long.
    /// </summary>
    [Range(1, 86_400)] public int LongestWaitSeconds { get; set; } = 60;

    /// <summary>Failures are forgotten when there was none for this long. 900.</summary>
    [Range(1, 86_400)] public int ForgetSeconds { get; set; } = 900;
}

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
