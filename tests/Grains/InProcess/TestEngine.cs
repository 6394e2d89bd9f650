using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Storage;
using SessionManager.Conformance;
using SessionManager.InProcess;
using SessionManager.Journal;
using SessionManager.Keys;
using SessionManager.Nodes;
using SessionManager.Randomness;
using SessionManager.Sessions;

namespace SessionManager.Grains.Tests;

/// <summary>The grains on an engine of their own, whose clock and storage are the test's.</summary>
sealed class TestEngine : IAsyncDisposable
{
    readonly ManualTimeProvider time;
    readonly QuietScheduler scheduler = new();
    readonly ServiceProvider services;

    TestEngine(IGrainStore store, ManualTimeProvider time, Action<IServiceCollection>? more)
    {
        this.time = time;
        var collection = new ServiceCollection()
            .AddLogging()
            .AddOptions()
            .AddSingleton<TimeProvider>(time)
            .AddSingleton<IGrainStorageSerializer, JsonStateSerializer>()
            .AddInProcessEngine(
                options =>
                {
                    options.Store = store;
                    options.Scheduler = scheduler;
                    options.MinimumReminderPeriod = TimeSpan.FromSeconds(1);
                },
                typeof(KeyGrain).Assembly);
        more?.Invoke(collection);
        services = collection.BuildServiceProvider();
    }

    InProcessEngine Engine => services.GetRequiredService<InProcessEngine>();

    public static async Task<TestEngine> Start(IGrainStore store, ManualTimeProvider time, Action<IServiceCollection>? more = null)
    {
        var engine = new TestEngine(store, time, more);
        await engine.Engine.StartAsync(default);
        return engine;
    }

    /// <summary>With what accounts, nodes and sessions need; nothing is journaled.</summary>
    public static Task<TestEngine> StartWithSessions(IGrainStore store, ManualTimeProvider time) => Start(store, time, services => services
        .AddSingleton<NodeCatalog>()
        .AddSingleton<ISessionJournal, NoJournal>()
        .AddSingleton<IRandomSource, SystemRandomSource>());

    public TGrain Grain<TGrain>(string key) where TGrain : IGrainWithStringKey => services.GetRequiredService<IGrainFactory>().GetGrain<TGrain>(key);

    /// <summary>Waits until no turn is left to run.</summary>
    public Task Quiet() => scheduler.Quiet();

    public async Task Advance(TimeSpan by)
    {
        time.Advance(by);
        await Quiet();
    }

    /// <summary>Ends as in a crash.</summary>
    public void Abort() => Engine.Abort();

    public async ValueTask DisposeAsync()
    {
        await Engine.StopAsync(default);
        await services.DisposeAsync();
    }

    sealed class NoJournal : ISessionJournal
    {
        public Task Append(Session session, ImmutableArray<SessionEvent> events) => Task.CompletedTask;
    }
}
