using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Reminders;
using Orleans.Storage;
using Orleans.TestingHost;

namespace SessionManager.Conformance;

/// <summary>A silo of Microsoft Orleans in this process. Its response timeout is real time.</summary>
public sealed class OrleansHost : IGrainHost
{
    static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(2);
    readonly StateInMemory _state;
    readonly RemindersInMemory _reminders = new();
    InProcessTestCluster? _cluster;

    public OrleansHost() => _state = new(Probe);

    public IGrainFactory Grains => _cluster!.Client;

    public Probe Probe { get; } = new();

    public FakeTimeProvider Time { get; } = new(Probe.Start);

    public async Task StartAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddReminders();
            silo.Services
                .AddSingleton(Probe)
                .AddSingleton<Lifecycle.Instances>()
                .AddSingleton<IReminderTable>(_reminders)
                .AddKeyedSingleton<TimeProvider>(TimeProviderNames.Grains, Time)
                .AddKeyedSingleton<TimeProvider>(ReminderTimeProviderNames.Reminders, Time)
                .AddSingleton<IGrainStorage>(_state)
                .Configure<SiloMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout);
        });
        builder.ConfigureClient(client => client.Services.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async Task RestartAsync()
    {
        await DisposeAsync();
        await StartAsync();
    }

    public void PassResponseTimeout()
    {
        // It passes by itself, while the answer is awaited.
    }

    public void HoldWrites(string gate) => _state.Gate = gate;

    public void WriteBehind<T>(GrainId grain, string name, T state) => _state.Overwrite(grain, name, state);

    public async ValueTask DisposeAsync()
    {
        await _cluster!.StopAllSilosAsync();
        await _cluster.DisposeAsync();
    }
}
