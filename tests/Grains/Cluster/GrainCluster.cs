using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
using Orleans.Hosting;
using Orleans.Reminders;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.TestingHost;
using SessionManager.Nodes;
using SessionManager.Randomness;
using SessionManager.Storage;
using SessionManager.Storage.Sqlite;

namespace SessionManager.Tests.Cluster;

/// <summary>
/// The grains as they ship in silos of Microsoft Orleans, all in this process. Clock and storage are the test's; the silos' own
/// affairs keep real time.
/// </summary>
public sealed class GrainCluster : IAsyncDisposable
{
    static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    readonly InProcessTestCluster _cluster;

    GrainCluster(int silos, Action<IServiceCollection>? services)
    {
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.UseInMemoryReminderService();
            silo.AddIncomingGrainCallFilter(Received);
            silo.Services
                .Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock))
                .UseTimeProviderForBackgroundAreas(TimeProvider.System)
                .AddKeyedSingleton<TimeProvider>(ReminderTimeProviderNames.Reminders, Clock)
                .AddSingleton<IGrainStorage>(Store)
                .AddSingleton<IRandomSource, SystemRandomSource>();
            services?.Invoke(silo.Services);
        });
        _cluster = builder.Build();
    }

    internal GrainClock Clock { get; } = new(Begin);

    internal GrainStore Store { get; } = new();

    internal ReceivedCalls Received { get; } = new();

    /// <summary>In the order of their start.</summary>
    public IReadOnlyList<InProcessSiloHandle> Silos => [.. _cluster.Silos];

    /// <param name="services">What the grains of a test need besides, in each silo.</param>
    public static async Task<GrainCluster> Start(int silos = 1, Action<IServiceCollection>? services = null)
    {
        var cluster = new GrainCluster(silos, services);
        await cluster._cluster.DeployAsync();
        return cluster;
    }

    /// <summary>As a client sees it.</summary>
    public TGrain Grain<TGrain>(string key) where TGrain : IGrainWithStringKey => _cluster.Client.GetGrain<TGrain>(key);

    /// <summary>As a silo's own grains see it.</summary>
    public static TGrain Grain<TGrain>(InProcessSiloHandle silo, string key) where TGrain : IGrainWithStringKey =>
        silo.ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<TGrain>(key);

    /// <summary>Every timer that comes due has ticked when this returns.</summary>
    public Task Advance(TimeSpan by) => Clock.Advance(by);

    /// <summary>Ends the grain's activation in order; the next call begins another.</summary>
    public Task End(IAddressable grain) => _cluster.DeactivateAsync(grain.GetGrainId());

    /// <summary>Waits for an activation that is about to end by itself; at once where there is none.</summary>
    public Task Ended(IAddressable grain) => _cluster.WaitForDeactivationAsync(grain.GetGrainId());

    public bool IsActive(IAddressable grain) => _cluster.TryGetGrainContext(grain.GetGrainId(), out _);

    /// <summary>The silo that has the grain's activation.</summary>
    public InProcessSiloHandle HomeOf(IAddressable grain) =>
        _cluster.TryGetGrainContext(grain.GetGrainId(), out var context)
            ? _cluster.Silos.Single(silo => silo.SiloAddress.Equals(context.Address.SiloAddress))
            : throw new InvalidOperationException($"{grain} has no activation.");

    public Task Stop(InProcessSiloHandle silo) => _cluster.StopSiloAsync(silo);

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Clock.Dispose();
    }
}

/// <summary>
/// Two silos that tests share, one test at a time: each has grains of its own, and asks the clock how late it is. Their sessions are in a
/// store of each silo's own: no test is about both accounts and sessions here.
/// </summary>
public sealed class TwoSilos : IAsyncLifetime
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("silos");

    public GrainCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync() => Cluster = await GrainCluster.Start(silos: 2, services => services
        .AddSingleton<NodeCatalog>()
        .AddStorage(_ => new SqliteFile(Path.Combine(_folder.FullName, Path.GetRandomFileName()))));

    public async Task DisposeAsync()
    {
        await Cluster.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

[CollectionDefinition(Name)]
public sealed class SharedSilos : ICollectionFixture<TwoSilos>
{
    public const string Name = "two silos";
}
