using System.ComponentModel.DataAnnotations;

namespace SessionManager.Api.Signaling;

/// <summary>The built-in signaling gateway. Section <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>
    /// Where clients reach this server, <c>http(s)://host[:port]</c>, when it is not what their own request says (a proxy that
    /// ends TLS). null: from the request.
    /// </summary>
    public string? PublicUrl { get; set; }

    /// <summary>
    /// Pages that may open a client's socket, as a browser names them (<c>https://app.example.com</c>), separated by commas. Empty:
    /// all; a client is known by its session's token and by nothing a browser adds by itself.
    /// </summary>
    public string? AllowedOrigins { get; set; }

    /// <summary>A client left without its node's offer for this long is told <c>streamer_not_available</c>. 15 s.</summary>
    [Range(1, 3_600)] public int OfferSeconds { get; set; } = 15;

    /// <summary>Who has sent nothing for this long is pinged. 10 s.</summary>
    [Range(1, 3_600)] public int PingSeconds { get; set; } = 10;

    /// <summary>Who has sent nothing for this long, pings unanswered, is gone. 25 s. Longer than <see cref="PingSeconds"/>.</summary>
    [Range(1, 3_600)] public int SilenceSeconds { get; set; } = 25;

    /// <summary>
    /// How long a session's first connection has to answer a ping when a second one comes; after that the second takes its place.
    /// 2 s.
    /// </summary>
    [Range(1, 60)] public int ProbeSeconds { get; set; } = 2;

    /// <summary>How long a node may take to answer a viewer of its broadcast; after that it is told to forget it. 10 s.</summary>
    [Range(1, 20)] public int ViewerSeconds { get; set; } = 10;

    /// <summary>Who takes longer than this to read 64 KB is cut. 5 s.</summary>
    [Range(1, 3_600)] public int SendSeconds { get; set; } = 5;

    /// <summary>How long a socket stays open for the other side to close it too. 3 s.</summary>
    [Range(1, 3_600)] public int CloseSeconds { get; set; } = 3;

    /// <summary>The largest message, in bytes. 65,536. <see cref="MaxImageBytes"/> is for those that may carry an image.</summary>
    [Range(1_024, 65_536)] public int MaxMessageBytes { get; set; } = 65_536;

    /// <summary>The largest <c>interactive_stream_start</c>, and the largest heartbeat of a node, in bytes. 37,748,736 (36 MB).</summary>
    [Range(65_536, 104_857_600)] public int MaxImageBytes { get; set; } = 37_748_736;

    /// <summary>Messages above <see cref="MaxMessageBytes"/> that one process takes in at a time; the others wait. 4.</summary>
    [Range(1, 1_024)] public int Images { get; set; } = 4;

    /// <summary>How long a message may take to arrive. 120 s.</summary>
    [Range(1, 3_600)] public int MessageSeconds { get; set; } = 120;

    /// <summary>Messages a second that a client may send on and on. 20.</summary>
    [Range(1, 1_000_000)] public int MessagesPerSecond { get; set; } = 20;

    /// <summary>Messages that a client may send at once. 200: all its ICE candidates.</summary>
    [Range(1, 1_000_000)] public int MessageBurst { get; set; } = 200;

    /// <summary>Messages that may wait for a client, or from it for its node; one more and the client is cut. 256.</summary>
    [Range(1, 1_000_000)] public int QueueLength { get; set; } = 256;

    /// <summary>Messages a second that a node may send on and on; what comes faster waits. 2,000.</summary>
    [Range(1, 10_000_000)] public int NodeMessagesPerSecond { get; set; } = 2_000;

    /// <summary>Messages that may wait for a node; one more and its channel is cut. 10,000.</summary>
    [Range(1, 10_000_000)] public int NodeQueueLength { get; set; } = 10_000;
}
