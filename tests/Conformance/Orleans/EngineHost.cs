using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Reminders;
using Orleans.Storage;

namespace SessionManager.Conformance;

/// <summary>A silo of Microsoft Orleans in this process. Only grain timers and reminders follow the manual clock.</summary>
public sealed class EngineHost : IEngineHost
{
    readonly StateInMemory _state;
    readonly RemindersInMemory _reminders = new();
    IHost _host = null!;

    EngineHost() => _state = new(Probe);

    public IClusterClient Client => _host.Services.GetRequiredService<IClusterClient>();

    public Probe Probe { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public static async Task<EngineHost> StartAsync()
    {
        var host = new EngineHost();
        await host.BuildAsync();
        return host;
    }

    public async Task RestartAsync()
    {
        await DisposeAsync();
        await BuildAsync();
    }

    public void HoldWrites(string gate) => _state.Gate = gate;

    public Task PassResponseTimeoutAsync() => Task.Delay(Patience.ResponseTimeout + TimeSpan.FromSeconds(2), TimeProvider.System);

    public Task WriteBehindTheEngineAsync<T>(GrainId grain, string name, T state)
    {
        _state.Overwrite(grain, name, new JsonStateSerializer().Serialize(state));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        // Bounded, because some tests end in a deadlock of grains.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await _host.StopAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
        }

        _host.Dispose();
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    async Task BuildAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
            silo.AddReminders();
            silo.AddActivityPropagation();
            silo.Services
                .AddSingleton(Probe)
                .AddSingleton<Lifecycle.Instances>()
                .AddSingleton<IReminderTable>(_reminders)
                .AddKeyedSingleton<TimeProvider>(TimeProviderNames.Grains, Time)
                .AddKeyedSingleton<TimeProvider>(ReminderTimeProviderNames.Reminders, Time)
                .AddKeyedSingleton<IGrainStorage>("grains", _state)
                .Configure<SiloMessagingOptions>(options => options.ResponseTimeout = Patience.ResponseTimeout)
                .Configure<ClientMessagingOptions>(options => options.ResponseTimeout = Patience.ResponseTimeout);
        });
        _host = builder.Build();
        await _host.StartAsync();
    }
}
