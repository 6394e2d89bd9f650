[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)] // Each cluster takes all of a machine.

namespace SessionManager.Tests;

/// <summary>A test with a cluster of its own.</summary>
public abstract class ClusterTest(int silos, params (string Name, string Value)[] settings) : IAsyncLifetime
{
    /// <summary>How late a deadline may be kept here.</summary>
    protected static readonly TimeSpan Sweep = TimeSpan.FromSeconds(5);

    private protected LocalCluster Cluster { get; private set; } = null!;

    private protected Load Load { get; private set; } = null!;

    private protected Roster Roster { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var all = new Dictionary<string, string>
        {
            ["Accounts__RequestsPerMinute"] = "100000000",
            ["Logins__HashIterations"] = "1000",
            ["Demo__NodeCapacity"] = "100000",
            ["Sessions__SweepSeconds"] = $"{Sweep.TotalSeconds}",
        };
        foreach (var (name, value) in settings)
            all[name] = value;
        Cluster = await LocalCluster.Start(silos, all);
        Load = new Load(Cluster);
        Roster = new Roster(Cluster);
    }

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
