using System.Text.Json.Serialization;
using SessionManager.Api.Validation;
using SessionManager.Broadcasts;

namespace SessionManager.Api.Broadcasts;

[JsonConverter(typeof(JsonStringEnumConverter<BroadcastState>))]
public enum BroadcastState
{
    [JsonStringEnumMemberName("live")] Live,
    [JsonStringEnumMemberName("ended")] Ended,
}

/// <summary>One session shown to any number of viewers.</summary>
/// <param name="Path">What spectator tokens let their holders read, as MediaMTX names it.</param>
/// <param name="Viewers">Who is watching now. Who watches by HLS, or by a MediaMTX, is not counted.</param>
/// <param name="MaxViewersSeen">The most at a time so far.</param>
/// <param name="HlsUrl">Where it can be watched as HLS; left out: nowhere.</param>
public sealed record Broadcast(
    string BroadcastId,
    string SessionId,
    string AccountId,
    string NodeId,
    BroadcastState State,
    string Path,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt,
    int Viewers,
    int MaxViewersSeen,
    string? HlsUrl)
{
    internal static Broadcast Of(BroadcastRow row, ViewerCount count) => new(
        row.BroadcastId, row.SessionId, row.AccountId, row.NodeId, row.EndedAt is null ? BroadcastState.Live : BroadcastState.Ended,
        BroadcastIds.PathOf(row.BroadcastId), row.CreatedAt, row.EndedAt, count.Now, Math.Max(row.MostViewers, count.Most), row.HlsUrl);
}

/// <param name="HlsUrl">Where the node serves it as HLS; left out: nowhere.</param>
public sealed record BroadcastBody(string? HlsUrl)
{
    internal bool Check(Validator check) => check.Address(HlsUrl, "hls_url", "http", "https");
}

/// <summary>What the node's <c>broadcast_ready</c> says.</summary>
/// <param name="WebrtcUrl">Viewers add `/whep` to it.</param>
/// <param name="BroadcastUrl">Where it can be watched as HLS; left out: nowhere.</param>
/// <param name="SpectatorToken">Watches it, and can do nothing else.</param>
/// <param name="ExpiresIn">Seconds until the token expires.</param>
public sealed record BroadcastStarted(string BroadcastId, string WebrtcUrl, string? BroadcastUrl, string SpectatorToken, int ExpiresIn);

/// <param name="TtlSeconds">How long the token lives; left out: 3600.</param>
/// <param name="MaxViewers">How many may watch with it at a time; left out: any number.</param>
public sealed record SpectatorTokenBody(int? TtlSeconds, int? MaxViewers)
{
    internal const int DefaultTtlSeconds = 3_600;
    const int MaxTtlSeconds = 86_400;
    const int MostViewers = 1_000_000;

    internal void Check(Validator check)
    {
        check.Range(TtlSeconds, "ttl_seconds", 1, MaxTtlSeconds);
        check.Range(MaxViewers, "max_viewers", 1, MostViewers);
    }
}

/// <param name="SpectatorToken">Watches the broadcast, and can do nothing else.</param>
/// <param name="ExpiresIn">Seconds until it expires.</param>
/// <param name="WebrtcUrl">Viewers add `/whep` to it.</param>
/// <param name="BroadcastUrl">Where it can be watched as HLS; left out: nowhere.</param>
/// <param name="WatchUrl">A page that shows it. The token is behind the `#`, which browsers send to no server.</param>
public sealed record SpectatorTokenAnswer(string SpectatorToken, int ExpiresIn, string WebrtcUrl, string? BroadcastUrl, string WatchUrl);

/// <param name="ExpiresAt">When the token that was sent expires.</param>
/// <param name="HlsUrl">Where it can be watched as HLS; left out: nowhere.</param>
public sealed record BroadcastStatus(BroadcastState State, int Viewers, DateTimeOffset ExpiresAt, string? HlsUrl);
