namespace SessionManager.Conformance;

/// <summary>The base of the tests: each has a host of its own, so none sees another's grains.</summary>
public abstract class EngineTests : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    protected IEngineHost Host { get; private set; } = null!;

    protected Probe Probe => Host.Probe;

    public async Task InitializeAsync() => Host = await EngineHost.StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();

    protected TGrain Grain<TGrain>(string key = "a") where TGrain : IGrainWithStringKey => Host.Client.GetGrain<TGrain>(key);

    /// <summary>A hung engine fails the test instead of hanging the run.</summary>
    protected static Task Soon(Task task) => task.WaitAsync(Patience);

    protected static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Patience);
}
