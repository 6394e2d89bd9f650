namespace SessionManager.Client;

/// <summary>Somebody wants to watch a broadcast of the node.</summary>
/// <param name="ViewerId">The viewer.</param>
/// <param name="BroadcastId">What is to be watched.</param>
/// <param name="SessionId">The session that is shown.</param>
/// <param name="Sdp">The offer.</param>
/// <param name="ExpiresAt">When the viewer is to be ended.</param>
public sealed record ViewerOffer(string ViewerId, string BroadcastId, string SessionId, string Sdp, DateTimeOffset? ExpiresAt);

/// <summary>What a node says to a <see cref="ViewerOffer"/>.</summary>
public sealed class ViewerReply
{
    ViewerReply(string? sdp, string? reason) => (Sdp, Reason) = (sdp, reason);

    internal string? Sdp { get; }
    internal string? Reason { get; }

    /// <summary>The node shows nothing here: the viewer is told that there is no such stream.</summary>
    public static ViewerReply NotFound { get; } = new(null, "not_found");

    /// <summary>As many watch as can.</summary>
    public static ViewerReply Busy { get; } = new(null, "busy");

    /// <summary>The offer cannot be taken.</summary>
    public static ViewerReply Unacceptable { get; } = new(null, "unacceptable");

    /// <summary>The viewer is let in.</summary>
    /// <param name="sdp">The answer, with all candidates in it.</param>
    public static ViewerReply Answer(string sdp)
    {
        ArgumentException.ThrowIfNullOrEmpty(sdp);
        return new(sdp, null);
    }
}

/// <summary>A session that others can watch now: what its client's <c>broadcast_ready</c> says.</summary>
/// <param name="BroadcastId">The broadcast.</param>
/// <param name="WebrtcUrl">Viewers add <c>/whep</c> to it.</param>
/// <param name="SpectatorToken">Watches it, and can do nothing else.</param>
/// <param name="ExpiresIn">Seconds until the token expires.</param>
/// <param name="BroadcastUrl">Where it can be watched as HLS; <see langword="null"/>: nowhere.</param>
public sealed record BroadcastStarted(string BroadcastId, string WebrtcUrl, string SpectatorToken, int ExpiresIn, string? BroadcastUrl = null);

sealed record BroadcastRequest(string? HlsUrl);

sealed record ViewerMessage(string Type, string ViewerId, string? Sdp = null, string? Reason = null, string? BroadcastId = null);

/// <summary>Beside the heartbeat over HTTP, which renews the lease: by this the server counts viewers rightly, also after a restart of its own.</summary>
sealed record ViewersReport(string Type, IReadOnlyCollection<string> Sessions, IReadOnlyDictionary<string, string[]> Viewers);
