namespace SessionManager.Tests;

/// <summary>A test on the cluster of its fixture, with callers of its own.</summary>
public abstract class ClusterTest(ClusterFixture fixture) : IAsyncLifetime
{
    /// <summary>
    /// How long a slot may stay taken: the sweep that frees it is promised, the speed of a machine that runs two clusters and
    /// perhaps more is not. Long before a token's end would free it.
    /// </summary>
    protected static readonly TimeSpan SlotsRight = ClusterFixture.Sweep + TimeSpan.FromSeconds(25);

    /// <summary>How long callers may have to repeat themselves.</summary>
    protected static readonly TimeSpan Outage = TimeSpan.FromSeconds(30);

    private protected LocalCluster Cluster { get; private set; } = null!;

    private protected Load Load { get; private set; } = null!;

    private protected Roster Roster { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await fixture.Whole();
        Load = new Load(Cluster);
        Roster = new Roster(Cluster);
    }

    public Task DisposeAsync() => Task.CompletedTask;
}
