using Microsoft.AspNetCore.Http.HttpResults;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Errors;

namespace SessionManager.Api.MediaMtx;

static class MediaMtxRoutes
{
    public static void MapMediaMtx(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/mediamtx/auth", Auth).Access(Access.Anonymous).WithTags("Broadcasts").Refuses(ErrorCatalogue.InvalidToken);

    /// <summary>Says to a MediaMTX whether one of its clients may watch, or a node publish, a broadcast.</summary>
    /// <remarks>Watching takes a spectator token of that broadcast, publishing an API key of its node. All else is refused.</remarks>
    internal static async Task<Results<Ok, Problem>> Auth(MediaMtxRequest request, MediaMtxAdmission admission, CancellationToken cancellation) =>
        await admission.Lets(request, cancellation) ? TypedResults.Ok() : Problem.Of(ErrorCatalogue.InvalidToken);
}
