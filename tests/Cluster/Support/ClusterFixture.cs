using SessionManager.Tests.Telemetry;
using Xunit.Abstractions;

[assembly: CollectionBehavior(MaxParallelThreads = 2)] // They mostly wait, but each cluster is half a dozen processes.
[assembly: TestCollectionOrderer("SessionManager.Tests." + nameof(SessionManager.Tests.LongestFirst), "SessionManager.Cluster.Tests")]

namespace SessionManager.Tests;

/// <summary>
/// A cluster that several tests use one after the other. It starts with the first of them that runs, so that skipped ones start
/// nothing; each finds as many silos as the first, whatever the one before it did to them.
/// </summary>
public abstract class ClusterFixture : IAsyncLifetime
{
    const int Silos = 3;

    /// <summary>How late a deadline may be kept here.</summary>
    public static readonly TimeSpan Sweep = TimeSpan.FromSeconds(5);

    readonly Dictionary<string, string> _settings = new()
    {
        ["Accounts__RequestsPerMinute"] = "100000000",
        ["Logins__HashIterations"] = "1000",
        ["Sessions__SweepSeconds"] = $"{Sweep.TotalSeconds}",
    };

    Collector? _collector;
    LocalCluster? _cluster;
    Fleet? _fleet;

    protected ClusterFixture(params (string Name, string Value)[] settings)
    {
        foreach (var (name, value) in settings)
            _settings[name] = value;
    }

    /// <summary>More than two for tests that end some.</summary>
    protected virtual int FrontEnds => 2;

    /// <summary>Where its processes report.</summary>
    internal Collector Collector => _collector!;

    public Task InitializeAsync() => Task.CompletedTask;

    internal async Task<LocalCluster> Whole()
    {
        if (_cluster is null)
        {
            _collector = await Collector.Start();
            foreach (var (name, value) in _collector.Settings)
                _settings[name] = value;
            _cluster = await LocalCluster.Start(Silos, _settings, FrontEnds);
            _fleet = await Fleet.Register(_cluster, nodes: 16, capacity: 1_000);
        }

        if (Silos - _cluster.Silos.Count is > 0 and var missing)
            await _cluster.AddSilos(missing);
        return _cluster;
    }

    public async Task DisposeAsync()
    {
        if (_fleet is not null)
            await _fleet.DisposeAsync();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        if (_collector is not null)
            await _collector.DisposeAsync();
    }
}

/// <summary>As it is shipped but for the pace of its sweeps.</summary>
public sealed class PlainCluster : ClusterFixture;

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
