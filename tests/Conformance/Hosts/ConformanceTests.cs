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

    /// <summary>
    /// A hung host fails the test instead of hanging the run, and not by a TimeoutException: that is what a call is to end with whose
    /// time is over.
    /// </summary>
    protected static async Task Soon(Task task)
    {
        try
        {
            await task.WaitAsync(Probe.Patience);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Assert.Fail($"Nothing came of it within {Probe.Patience.TotalSeconds} s.");
        }
    }

    protected static async Task<T> Soon<T>(Task<T> task)
    {
        await Soon((Task)task);
        return await task;
    }
}
