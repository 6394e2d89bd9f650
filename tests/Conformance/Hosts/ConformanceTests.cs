namespace SessionManager.Conformance;

/// <summary>
/// The base of the probes: each runs on either host, with one of its own, so none sees another's grains. What differs between
/// the two is a failing test.
/// </summary>
public abstract class ConformanceTests<THost> : IAsyncLifetime where THost : IGrainHost, new()
{
    protected THost Host { get; } = new();

    protected Probe Probe => Host.Probe;

    public Task InitializeAsync() => Host.StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();

    protected TGrain Grain<TGrain>(string key = "a") where TGrain : IGrainWithStringKey => Host.Grains.GetGrain<TGrain>(key);

    /// <summary>A hung host fails the test instead of hanging the run.</summary>
    protected static Task Soon(Task task) => task.WaitAsync(Probe.Patience);

    protected static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Probe.Patience);
}
