using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace SessionManager.InProcess;

public static class ServiceCollectionExtensions
{
    /// <summary>
    /// Adds the engine, which starts and stops with the host, as <see cref="IGrainFactory"/> and <see cref="IClusterClient"/>.
    /// The host also registers an <see cref="Orleans.Storage.IGrainStorageSerializer"/>.
    /// </summary>
    /// <param name="grains">The assemblies whose grain classes it hosts.</param>
    public static IServiceCollection AddInProcessEngine(
        this IServiceCollection services, Action<InProcessOptions> configure, params Assembly[] grains)
    {
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider =>
        {
            var options = new InProcessOptions();
            configure(options);
            return new InProcessEngine(provider, options, grains);
        });
        services.AddSingleton<IClusterClient>(provider => provider.GetRequiredService<InProcessEngine>());
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<InProcessEngine>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<InProcessEngine>());
        return services;
    }
}
