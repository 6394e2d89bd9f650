using System.ComponentModel.DataAnnotations;

namespace SessionManager.Api.Hosting;

/// <summary>What one process takes from its callers. Section <c>Api</c>.</summary>
public sealed class ApiOptions
{
    public const string Section = "Api";

    /// <summary>The largest request body, in bytes. 65,536. A node's heartbeat may be longer.</summary>
    [Range(1_024, 100_000_000)] public int MaxBodyBytes { get; set; } = 65_536;

    /// <summary>Connections open at a time; more are closed at once. 20,000.</summary>
    [Range(1, 10_000_000)] public int MaxConnections { get; set; } = 20_000;

    /// <summary>How long a request may take before it is answered 503, besides what it asked to wait. 20 s.</summary>
    [Range(1, 3_600)] public int RequestSeconds { get; set; } = 20;

    /// <summary>How long requests in flight may go on when the process is told to stop. 25 s.</summary>
    [Range(1, 3_600)] public int ShutdownSeconds { get; set; } = 25;

    /// <summary>
    /// The proxies in front of this server, addresses or networks separated by commas: what they say about the caller
    /// (<c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c>) is believed, and nobody else. Empty: there is none.
    /// </summary>
    public string? TrustedProxies { get; set; }

    /// <summary>Whether every request is a line in the log. false.</summary>
    public bool AccessLog { get; set; }
}
