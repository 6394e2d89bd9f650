using SessionManager.Tests.Telemetry;
using Xunit.Abstractions;

[assembly: CollectionBehavior(MaxParallelThreads = 2)] // They mostly wait, but each cluster is half a dozen processes.
[assembly: TestCollectionOrderer("SessionManager.Tests." + nameof(SessionManager.Tests.LongestFirst), "SessionManager.Cluster.Tests")]

namespace SessionManager.Tests;

/// <summary>
/// A cluster that several tests use one after the other. It starts with the first of them that runs, so that skipped ones start
/// nothing; each finds as many silos as the first, whatever the one before it did to them.
/// </summary>
public abstract class ClusterFixture(int silos = 3, int frontEnds = 2, params (string Name, string Value)[] settings) : IAsyncLifetime
{
    /// <summary>How late a deadline may be kept here.</summary>
    public static readonly TimeSpan Sweep = TimeSpan.FromSeconds(5);

    readonly Dictionary<string, string> _settings = new()
    {
        ["Accounts__RequestsPerMinute"] = "100000000",
        ["Logins__HashIterations"] = "1000",
        ["Sessions__SweepSeconds"] = $"{Sweep.TotalSeconds}",
    };

    LocalCluster? _cluster;
    Fleet? _fleet;

    public Task InitializeAsync() => Task.CompletedTask;

    internal async Task<LocalCluster> Whole()
    {
        if (_cluster is null)
        {
            foreach (var (name, value) in settings.Concat(await BeforeStart()))
                _settings[name] = value;
            _cluster = await LocalCluster.Start(silos, _settings, frontEnds);
            _fleet = await Fleet.Register(_cluster, nodes: 16, capacity: 1_000);
        }

        if (silos - _cluster.Silos.Count is > 0 and var missing)
            await _cluster.AddSilos(missing);
        return _cluster;
    }

    public virtual async Task DisposeAsync()
    {
        if (_fleet is not null)
            await _fleet.DisposeAsync();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    /// <summary>Comes before its processes start; they are given these settings besides.</summary>
    private protected virtual Task<IEnumerable<(string Name, string Value)>> BeforeStart() => Task.FromResult(Enumerable.Empty<(string, string)>());
}

/// <summary>As it is shipped but for the pace of its sweeps, and reporting to a collector.</summary>
public sealed class PlainCluster : ClusterFixture
{
    Collector? _collector;

    internal Collector Collector => _collector!;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (_collector is not null)
            await _collector.DisposeAsync();
    }

    private protected override async Task<IEnumerable<(string Name, string Value)>> BeforeStart() => (_collector = await Collector.Start()).Settings;
}

/// <summary>The one of all tests that leave a cluster working.</summary>
[CollectionDefinition(Name)]
public sealed class SharedCluster : ICollectionFixture<PlainCluster>
{
    public const string Name = "shared cluster";
}

/// <summary>The tests of the shared cluster run one after the other and take the longest: the rest fits beside them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(collection => collection.DisplayName == SharedCluster.Name);
}
