using System.ComponentModel.DataAnnotations;

namespace SessionManager.Users;

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
