using System.Text.Json.Serialization;

namespace SessionManager.Client;

/// <summary>What watches one broadcast, until it expires or the broadcast ends.</summary>
/// <param name="Token">Watches it, and can do nothing else.</param>
/// <param name="ExpiresIn">Seconds until it expires.</param>
/// <param name="WebrtcUrl">Viewers add <c>/whep</c> to it.</param>
/// <param name="WatchUrl">A page that shows it. The token is behind its <c>#</c>.</param>
/// <param name="BroadcastUrl">Where it can be watched as HLS; <see langword="null"/>: nowhere.</param>
public sealed record SpectatorToken(
    [property: JsonPropertyName("spectator_token")] string Token, int ExpiresIn, string WebrtcUrl, string WatchUrl, string? BroadcastUrl = null);

/// <summary>What a spectator token is to be.</summary>
public sealed record SpectatorTokenOptions
{
    /// <summary>How long it lives, 1 to 86,400 seconds; <see langword="null"/>: an hour.</summary>
    public int? TtlSeconds { get; init; }

    /// <summary>How many may watch with it at a time; <see langword="null"/>: any number.</summary>
    public int? MaxViewers { get; init; }
}
