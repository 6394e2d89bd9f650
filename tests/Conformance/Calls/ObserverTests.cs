namespace SessionManager.Conformance.Calls;

public interface IChatObserver : IGrainObserver
{
    Task Said(string text);

    [OneWay]
    Task SaidQuietly(string text);
}

public interface IChatGrain : IGrainWithStringKey
{
    Task Join(IChatObserver observer);

    Task Leave(IChatObserver observer);

    /// <summary>Returns how many heard it.</summary>
    Task<int> Say(string text);

    Task SayQuietly(string text);
}

public sealed class ChatGrain : Grain, IChatGrain
{
    readonly HashSet<IChatObserver> _observers = [];

    public Task Join(IChatObserver observer)
    {
        _observers.Add(observer);
        return Task.CompletedTask;
    }

    public Task Leave(IChatObserver observer)
    {
        _observers.Remove(observer);
        return Task.CompletedTask;
    }

    public async Task<int> Say(string text)
    {
        foreach (var observer in _observers) await observer.Said(text);
        return _observers.Count;
    }

    public async Task SayQuietly(string text)
    {
        foreach (var observer in _observers) await observer.SaidQuietly(text);
    }
}

public sealed class ObserverTests : EngineTests
{
    [Fact]
    public async Task A_grain_calls_an_object_outside()
    {
        var listener = new Listener(Probe);
        await Soon(Grain<IChatGrain>().Join(Host.Client.CreateObjectReference<IChatObserver>(listener)));

        Assert.Equal(1, await Soon(Grain<IChatGrain>().Say("hello")));

        Assert.Equal(1, Probe.Count("heard hello"));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task A_one_way_call_reaches_an_observer_too()
    {
        var listener = new Listener(Probe);
        await Soon(Grain<IChatGrain>().Join(Host.Client.CreateObjectReference<IChatObserver>(listener)));

        await Soon(Grain<IChatGrain>().SayQuietly("psst"));

        await Probe.Seen("heard psst");
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task The_same_reference_joins_once_and_can_leave()
    {
        var listener = new Listener(Probe);
        var reference = Host.Client.CreateObjectReference<IChatObserver>(listener);
        await Soon(Grain<IChatGrain>().Join(reference));
        await Soon(Grain<IChatGrain>().Join(reference));
        Assert.Equal(1, await Soon(Grain<IChatGrain>().Say("one")));

        await Soon(Grain<IChatGrain>().Leave(reference));

        Assert.Equal(0, await Soon(Grain<IChatGrain>().Say("two")));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task A_failing_observer_fails_the_grains_call()
    {
        var listener = new Listener(Probe);
        await Soon(Grain<IChatGrain>().Join(Host.Client.CreateObjectReference<IChatObserver>(listener)));

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Soon(Grain<IChatGrain>().Say("fail")));

        Assert.Equal("cannot hear that", failure.Message);
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task A_deleted_reference_hears_nothing_any_more()
    {
        var listener = new Listener(Probe);
        var reference = Host.Client.CreateObjectReference<IChatObserver>(listener);
        await Soon(Grain<IChatGrain>().Join(reference));

        Host.Client.DeleteObjectReference<IChatObserver>(reference);

        await Assert.ThrowsAnyAsync<Exception>(() => Soon(Grain<IChatGrain>().Say("hello")));
        Assert.Equal(0, Probe.Count("heard hello"));
        GC.KeepAlive(listener);
    }

    sealed class Listener(Probe probe) : IChatObserver
    {
        public Task Said(string text)
        {
            if (text == "fail") throw new InvalidOperationException("cannot hear that");
            probe.Report($"heard {text}");
            return Task.CompletedTask;
        }

        public Task SaidQuietly(string text) => Said(text);
    }
}
