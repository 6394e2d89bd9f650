using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using SessionManager.Sessions;

namespace SessionManager.Hosting;

/// <summary>Wakes what nobody calls.</summary>
sealed class GrainStartup(IGrainFactory grains, TimeProvider time) : IHostedService
{
    /// <summary>Longer than it takes to give up a silo that died.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Where all silos died at once, the sweep is still thought to be on one of them: a start must not fail for that.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                await grains.GetGrain<ISweepGrain>(ISweepGrain.Key).Start();
                return;
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException && time.GetElapsedTime(since) < Patience)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
