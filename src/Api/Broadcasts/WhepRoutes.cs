using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Hosting;
using SessionManager.Broadcasts;
using SessionManager.Errors;
using SessionManager.Randomness;

namespace SessionManager.Api.Broadcasts;

/// <summary>
/// WHEP (draft-ietf-wish-whep): a viewer's offer in, its broadcast's node's answer out. A viewer's own address is its credential: the
/// published clients delete it without a token.
/// </summary>
static class WhepRoutes
{
    const string Sdp = "application/sdp";
    const string SdpFragment = "application/trickle-ice-sdpfrag";
    const int MaxBytes = 64 * 1024;
    const int EntityTagBytes = 10;

    public static void MapWhep(this IEndpointRouteBuilder broadcast)
    {
        var viewers = broadcast.MapGroup("").OpenToBrowsers();
        viewers.MapPost("/whep", Watch).Access(Access.Spectator).LimitBody(MaxBytes).DisableRequestTimeout().Refuses(
            ErrorCatalogue.UnsupportedMediaType, ErrorCatalogue.NotAcceptable, ErrorCatalogue.PayloadTooLarge, ErrorCatalogue.InvalidSdp,
            ErrorCatalogue.BroadcastNotFound, ErrorCatalogue.ViewerLimit, ErrorCatalogue.StreamerNotAttached, ErrorCatalogue.StreamerTimeout);

        var viewer = viewers.MapGroup("").Access(Access.Anonymous).Refuses(ErrorCatalogue.ViewerNotFound);
        viewer.MapPatch("/whep/{viewer_id}", Trickle).LimitBody(MaxBytes).Refuses(
            ErrorCatalogue.UnsupportedMediaType, ErrorCatalogue.PayloadTooLarge, ErrorCatalogue.InvalidSdp,
            ErrorCatalogue.EntityTagRequired, ErrorCatalogue.EntityTagMismatch, ErrorCatalogue.StreamerNotAttached);
        viewer.MapDelete("/whep/{viewer_id}", Leave);
    }

    /// <summary>WHEP: an SDP offer (`application/sdp`) is answered with the streamer's answer.</summary>
    /// <remarks>`Location` is the viewer's own address: `PATCH` it to trickle candidates, `DELETE` it to leave.</remarks>
    internal static async Task<Results<ContentHttpResult, Problem>> Watch(
        string broadcast_id, Spectator spectator, ViewerRelay viewers, PublicAddress address, HttpContext http)
    {
        if (!IsOf(http.Request, Sdp))
            return WrongType(Sdp);
        if (!Accepts(http.Request, Sdp))
            return Problem.Of(ErrorCatalogue.NotAcceptable);
        var offer = await Read(http);
        if (!SdpText.IsOffer(offer))
            return Problem.Of(ErrorCatalogue.InvalidSdp);
        var watching = await viewers.Watch(spectator, offer, http.RequestAborted);
        if (watching.Refusal is { } refusal)
            return (Problem)refusal;
        var viewer = watching.Value!;
        var headers = http.Response.Headers;
        headers.Location = $"{address.Origin(http.Request)}/broadcasts/{broadcast_id}/whep/{viewer.ViewerId}";
        headers.ETag = EntityTag(viewer.ViewerId);
        headers[HeaderNames.CacheControl] = "no-store";
        headers["Accept-Patch"] = SdpFragment;
        return TypedResults.Content(viewer.Sdp, Sdp, statusCode: StatusCodes.Status201Created);
    }

    /// <summary>WHEP: further ICE candidates of the viewer (`application/trickle-ice-sdpfrag`, RFC 8840).</summary>
    /// <remarks>ICE is not restarted: watch anew instead.</remarks>
    internal static async Task<Results<NoContent, Problem>> Trickle(
        string broadcast_id, string viewer_id, ViewerRelay viewers, HttpContext http)
    {
        if (!IsViewer(broadcast_id, viewer_id))
            return Problem.Of(ErrorCatalogue.ViewerNotFound);
        if (!IsOf(http.Request, SdpFragment))
            return WrongType(SdpFragment);
        var tags = http.Request.GetTypedHeaders().IfMatch;
        if (tags.Count == 0)
            return Problem.Of(ErrorCatalogue.EntityTagRequired);
        if (tags.Contains(EntityTagHeaderValue.Any))
            return Problem.Of(ErrorCatalogue.InvalidSdp, "ICE is not restarted here.");
        if (!tags.Any(tag => !tag.IsWeak && tag.Tag.Equals(EntityTag(viewer_id), StringComparison.Ordinal)))
            return Problem.Of(ErrorCatalogue.EntityTagMismatch);
        var fragment = await Read(http);
        if (!SdpText.IsFragment(fragment))
            return Problem.Of(ErrorCatalogue.InvalidSdp, "The body is not an SDP fragment.");
        return await viewers.Trickle(broadcast_id, viewer_id, fragment) is { } refusal ? (Problem)refusal : TypedResults.NoContent();
    }

    /// <summary>WHEP: the viewer leaves.</summary>
    internal static async Task<Results<Ok, Problem>> Leave(string broadcast_id, string viewer_id, ViewerRelay viewers) =>
        IsViewer(broadcast_id, viewer_id) && await viewers.End(broadcast_id, viewer_id)
            ? TypedResults.Ok()
            : Problem.Of(ErrorCatalogue.ViewerNotFound);

    static bool IsViewer(string broadcastId, string viewerId) => BroadcastIds.IsWellFormed(broadcastId) && BroadcastIds.IsViewer(viewerId);

    /// <summary>Names the viewer's ICE session, of which it has one only.</summary>
    static string EntityTag(string viewerId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes(viewerId), hash);
        return $"\"{Base32.Encode(hash[..EntityTagBytes])}\"";
    }

    static bool IsOf(HttpRequest request, string type) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var given) && given.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase);

    static bool Accepts(HttpRequest request, string type)
    {
        var accepted = request.GetTypedHeaders().Accept;
        var wanted = new MediaTypeHeaderValue(type);
        return accepted.Count == 0 || accepted.Any(range => range.Quality != 0 && wanted.IsSubsetOf(range));
    }

    static async Task<string> Read(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        return await reader.ReadToEndAsync(http.RequestAborted);
    }

    static Problem WrongType(string type) => new Refusal(ErrorCatalogue.UnsupportedMediaType, Action: $"Send it as {type}.");
}
