using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using SessionManager.InProcess;

namespace SessionManager.Conformance;

public sealed class EngineHost : IEngineHost
{
    readonly HeldStore _store;
    ServiceProvider _services = null!;

    EngineHost() => _store = new(Probe);

    public IClusterClient Client => _services.GetRequiredService<IClusterClient>();

    public Probe Probe { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public QuietScheduler Scheduler { get; } = new();

    public InProcessEngine Engine => _services.GetRequiredService<InProcessEngine>();

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

    public async ValueTask DisposeAsync()
    {
        // Bounded in real time: the engine's own bound follows a clock that stands still, and some tests end in a deadlock of grains.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await Engine.StopAsync(patience.Token);
        await _services.DisposeAsync();
    }

    public void HoldWrites(string gate) => _store.Gate = gate;

    public Task PassResponseTimeoutAsync()
    {
        Time.Advance(Patience.ResponseTimeout + TimeSpan.FromSeconds(1));
        return Task.CompletedTask;
    }

    public Task<string> RemindBehindTheEngineAsync(StoredReminder reminder) => _store.UpsertReminderAsync(reminder);

    public Task ForgetBehindTheEngineAsync(StoredReminder reminder, string etag) => _store.DeleteReminderAsync(reminder.Grain, reminder.Name, etag);

    public async Task WriteBehindTheEngineAsync<T>(GrainId grain, string name, T state)
    {
        var key = new RecordKey(grain, name);
        var stored = await _store.ReadAsync(key, CancellationToken.None);
        await _store.WriteAsync(key, new JsonStateSerializer().Serialize(state), stored?.ETag, CancellationToken.None);
    }

    async Task BuildAsync()
    {
        _services = new ServiceCollection()
            .AddSingleton(Probe)
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<IGrainStorageSerializer, JsonStateSerializer>()
            .AddSingleton<Lifecycle.Instances>()
            .AddInProcessEngine(
                options =>
                {
                    options.Store = _store;
                    options.Scheduler = Scheduler;
                    options.ResponseTimeout = Patience.ResponseTimeout;
                },
                typeof(EngineHost).Assembly)
            .BuildServiceProvider();
        await Engine.StartAsync(CancellationToken.None);
    }
}
