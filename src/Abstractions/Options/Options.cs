using System.ComponentModel.DataAnnotations;

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
}

/// <summary>What an account may do where no administrator said otherwise. Section <c>Accounts</c>.</summary>
public sealed class AccountOptions
{
    public const string Section = "Accounts";

    /// <summary>Sessions open at a time. 5.</summary>
    [Range(1, 10_000_000)] public int MaxConcurrent { get; set; } = 5;

    /// <summary>Requests a minute, per account and again per key. 600.</summary>
    [Range(1, 100_000_000)] public int RequestsPerMinute { get; set; } = 600;

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
}
