using Microsoft.AspNetCore.Http.HttpResults;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Tokens;
using SessionManager.Errors;

namespace SessionManager.Api.Health;

/// <param name="Status"><c>ok</c></param>
public sealed record HealthAnswer(string Status)
{
    internal static HealthAnswer Good { get; } = new("ok");
}

static class HealthRoutes
{
    static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(3);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").Access(Access.Anonymous).WithTags("Health");
        health.MapGet("/live", Live);
        health.MapGet("/ready", Ready).Refuses(ErrorCatalogue.Unavailable);
    }

    /// <summary>Whether the process runs.</summary>
    internal static Ok<HealthAnswer> Live() => TypedResults.Ok(HealthAnswer.Good);

    /// <summary>Whether the process can do its work: its grains answer, and it is not about to stop.</summary>
    internal static async Task<Results<Ok<HealthAnswer>, Problem>> Ready(
        SigningKeyCache keys, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return Problem.Of(ErrorCatalogue.Unavailable, "The process is stopping.");
        await keys.Probe().WaitAsync(ReadyWithin, time);
        return TypedResults.Ok(HealthAnswer.Good);
    }
}
