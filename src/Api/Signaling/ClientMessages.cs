using System.Text.Json;

namespace SessionManager.Api.Signaling;

/// <summary>The words of the client's socket (docs/gateway.md).</summary>
static class ClientMessages
{
    public const string Offer = "offer";
    public const string Answer = "answer";
    public const string IceCandidate = "ice_candidate";
    public const string Error = "error";
    public const string Disconnecting = "client_disconnecting";
    public const string StreamStart = "interactive_stream_start";

    public const string StreamerNotAvailable = "streamer_not_available";
    public const string StreamerDisconnected = "streamer_disconnected";
    public const string DurationLimitReached = "duration_limit_reached";

    /// <summary>Whether a client may send it to its node.</summary>
    public static bool GoesToNode(string? type) => type is Answer or IceCandidate or StreamStart;

    /// <summary>Whether a node may send it to its client.</summary>
    public static bool GoesToClient(string? type) => type is Offer or IceCandidate or Error;

    /// <summary>What a client is told of a session's end: the contract has no more reasons.</summary>
    public static string ReasonFor(string drop) => drop == "duration_limit" ? DurationLimitReached : StreamerDisconnected;

    public static byte[] ErrorOf(string reason) => JsonSerializer.SerializeToUtf8Bytes(new ErrorMessage(Error, reason), SignalingJson.Default.ErrorMessage);
}

sealed record ErrorMessage(string Type, string Reason);
