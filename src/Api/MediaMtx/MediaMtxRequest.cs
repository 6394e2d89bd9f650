using System.Text.Json.Serialization;

namespace SessionManager.Api.MediaMtx;

/// <summary>What MediaMTX asks its external authentication (`authMethod: http`); members of a later day are ignored.</summary>
/// <param name="Ip">Where the client is.</param>
/// <param name="User">Of any name: the credential is the password or the token.</param>
/// <param name="Password">A token may come as the password.</param>
/// <param name="Token">Of a Bearer header, or where RTSP and RTMP have it in their address.</param>
/// <param name="Action">`publish`, `read`, `playback`, `api`, `metrics` or `pprof`.</param>
/// <param name="Path">`broadcasts/{broadcast_id}`.</param>
/// <param name="Protocol">`rtsp`, `rtmp`, `hls`, `webrtc`, `srt` or `moq`.</param>
/// <param name="Id">Of the client's session there; null where it has none yet.</param>
/// <param name="Query">The client's query; a viewer's token may be in it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record MediaMtxRequest(
    string? Ip,
    string? User,
    string? Password,
    string? Token,
    string? Action,
    string? Path,
    string? Protocol,
    string? Id,
    string? Query,
    [property: JsonPropertyName("userAgent")] string? UserAgent);
