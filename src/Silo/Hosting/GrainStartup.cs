using Microsoft.Extensions.Hosting;
using Orleans;
using SessionManager.Sessions;

namespace SessionManager.Hosting;

/// <summary>Wakes what nobody calls.</summary>
sealed class GrainStartup(IGrainFactory grains) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        grains.GetGrain<ISweepGrain>(ISweepGrain.Key).Start();

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
