using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using SessionManager.Configuration;
using SessionManager.Signing;

namespace SessionManager.Hosting;

/// <summary>A silo's HTTP port: whoever runs it asks here whether it lives and whether it works.</summary>
static class SiloServer
{
    static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(3);

    /// <summary>How long a stopping silo may take to write and hand over what it holds.</summary>
    static readonly TimeSpan HandOver = TimeSpan.FromSeconds(25);

    public static void AddServices(WebApplicationBuilder builder, Settings settings) =>
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = HandOver);

    public static void UsePipeline(WebApplication app)
    {
        app.MapGet("/health/live", () => TypedResults.Ok());
        app.MapGet("/health/ready", Ready);
    }

    /// <summary>Its grains answer, which takes the cluster and the database, and it is not about to stop.</summary>
    static async Task<Results<Ok, StatusCodeHttpResult>> Ready(
        IGrainFactory grains, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        try
        {
            await grains.GetGrain<ISigningKeysGrain>(ISigningKeysGrain.Key).Get().WaitAsync(ReadyWithin, time);
            if (!lifetime.ApplicationStopping.IsCancellationRequested)
                return TypedResults.Ok();
        }
        catch (Exception)
        {
            // Whatever keeps it from answering is in the log already; whoever asks needs no more than "not now".
        }

        return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
    }
}
