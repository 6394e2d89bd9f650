using System.ComponentModel.DataAnnotations;

namespace SessionManager.Api.Signaling.Ice;

/// <summary>The ICE servers that clients and nodes are told of besides the server's own STUN responder. Section <c>Ice</c>.</summary>
public sealed class IceOptions
{
    public const string Section = "Ice";

    /// <summary>
    /// <c>stun:host:port</c>, <c>turn:host:port?transport=udp</c>, <c>turns:…</c>, separated by commas. Empty: none. Where there is a
    /// TURN server, Chromium sends a session's media by it and no other way.
    /// </summary>
    public string? Urls { get; set; }

    /// <summary>
    /// The secret shared with the TURN servers, for credentials that they check by themselves (coturn's <c>use-auth-secret</c>). Must
    /// be given where <see cref="Urls"/> names one.
    /// </summary>
    public string? TurnSecret { get; set; }

    /// <summary>How long such credentials live: no shorter than the longest stream that uses them. 86,400 s.</summary>
    [Range(60, 31_536_000)] public int TurnSeconds { get; set; } = 86_400;
}

/// <summary>The server's own STUN responder. Section <c>Stun</c>.</summary>
public sealed class StunOptions
{
    public const string Section = "Stun";

    /// <summary>Whether there is one. true. Without, <see cref="IceOptions.Urls"/> must name another.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The IP address it listens at; null: where HTTP does.</summary>
    public string? Address { get; set; }

    /// <summary>Its UDP port; null: the number of the HTTP port, or another free one where that is taken.</summary>
    [Range(1, 65_535)] public int? Port { get; set; }

    /// <summary>
    /// What clients are told, <c>stun:host:port</c>, where it is not the host they have asked and the port it listens on: behind a
    /// proxy, which passes no UDP on.
    /// </summary>
    public string? PublicUrl { get; set; }

    /// <summary>Requests a second that one address is answered. 50.</summary>
    [Range(1, 1_000_000)] public int RequestsPerSecond { get; set; } = 50;
}
