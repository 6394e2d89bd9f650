namespace SessionManager.Conformance.Calls;

public interface ISlowGrain : IGrainWithStringKey
{
    Task<string> Wait(string gate);

    [ResponseTimeout("00:00:01")]
    Task WaitImpatiently(string gate);

    [AlwaysInterleave]
    Task Ping();
}

public sealed class SlowGrain(Probe probe) : Grain, ISlowGrain
{
    public async Task<string> Wait(string gate)
    {
        probe.Report($"{gate} in");
        await probe.Gate(gate);
        probe.Report($"{gate} out");
        return "done";
    }

    public Task WaitImpatiently(string gate) => Wait(gate);

    public Task Ping() => Task.CompletedTask;
}

public sealed class OrleansTimeoutTests : TimeoutTests<OrleansHost>;

public sealed class SimulatedTimeoutTests : TimeoutTests<SimulatedHost>;

public abstract class TimeoutTests<THost> : ConformanceTests<THost> where THost : IGrainHost, new()
{
    [Fact]
    public async Task A_call_that_is_not_answered_in_time_fails_and_the_callee_goes_on()
    {
        var call = Grain<ISlowGrain>().Wait("door");
        await Probe.Seen("door in");

        Host.PassResponseTimeout();

        await Assert.ThrowsAsync<TimeoutException>(() => Soon(call));
        Probe.Open("door");
        await Probe.Seen("door out");
    }

    [Fact]
    public async Task A_call_that_waits_its_turn_too_long_fails_too()
    {
        var first = Grain<ISlowGrain>().WaitImpatiently("door");
        await Probe.Seen("door in");
        var second = Grain<ISlowGrain>().Wait("other");
        await Soon(Grain<ISlowGrain>().Ping());

        Host.PassResponseTimeout();

        await Assert.ThrowsAsync<TimeoutException>(() => Soon(first));
        await Assert.ThrowsAsync<TimeoutException>(() => Soon(second));
        // By the callee's clock a call begins when it arrives: once a later one is over, this one is there as well.
        Probe.Open("third");
        var third = Grain<ISlowGrain>().Wait("third");
        await Soon(Grain<ISlowGrain>().Ping());
        Host.PassResponseTimeout();
        await Assert.ThrowsAsync<TimeoutException>(() => Soon(third));
        Probe.Open("door");
        Assert.Equal("done", await Soon(Grain<ISlowGrain>().Wait("third")));
        Assert.Equal(0, Probe.Count("other in"));
    }
}
