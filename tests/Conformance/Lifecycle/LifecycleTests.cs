namespace SessionManager.Conformance.Lifecycle;

public interface ILifeGrain : IGrainWithStringKey
{
    Task<int> Instance();

    Task Deactivate();

    /// <summary>Deactivates itself, then waits at the gate before it returns.</summary>
    Task DeactivateAndStay(string gate);

    [AlwaysInterleave]
    Task Ping();
}

public sealed class LifeGrain(Probe probe, Instances instances) : Grain, ILifeGrain
{
    readonly int _instance = instances.Next();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Report("activating");
        var key = this.GetPrimaryKeyString();
        if (key == "slow start") await probe.Gate("start");
        if (key == "fails once" && _instance == 1) throw new InvalidOperationException("not yet");
        if (key == "fails late" && _instance == 1)
        {
            await Task.Yield();
            throw new InvalidOperationException("not yet");
        }

        probe.Report("activated");
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Report($"deactivating: {reason.ReasonCode}");
        if (this.GetPrimaryKeyString() == "slow end") await probe.Gate("end");
        if (this.GetPrimaryKeyString() == "bad end") throw new InvalidOperationException("no matter");
        probe.Report("deactivated");
    }

    public Task<int> Instance() => Task.FromResult(_instance);

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task DeactivateAndStay(string gate)
    {
        DeactivateOnIdle();
        probe.Report("staying");
        await probe.Gate(gate);
        probe.Report("left");
    }

    public Task Ping() => Task.CompletedTask;
}

/// <summary>Numbers the instances of a grain class.</summary>
public sealed class Instances
{
    int _last;

    public int Next() => Interlocked.Increment(ref _last);
}

public sealed class OrleansLifecycleTests : LifecycleTests<OrleansHost>;

public sealed class SimulatedLifecycleTests : LifecycleTests<SimulatedHost>;

public abstract class LifecycleTests<THost> : ConformanceTests<THost> where THost : IGrainHost, new()
{
    [Fact]
    public async Task A_grain_lives_once_until_it_is_deactivated()
    {
        var grain = Grain<ILifeGrain>();

        Assert.Equal(1, await Soon(grain.Instance()));
        Assert.Equal(1, await Soon(grain.Instance()));
        await Soon(grain.Deactivate());

        Assert.Equal(2, await Soon(grain.Instance()));
        Assert.Equal(1, Probe.Count("deactivating: ApplicationRequested"));
    }

    [Fact]
    public async Task Many_first_calls_at_once_make_one_activation()
    {
        var instances = await Soon(Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Grain<ILifeGrain>().Instance()))));

        Assert.All(instances, instance => Assert.Equal(1, instance));
    }

    [Fact]
    public async Task No_request_runs_before_activation_has_finished()
    {
        var call = Grain<ILifeGrain>("slow start").Ping();
        await Probe.Seen("activating");
        Assert.False(call.IsCompleted);

        Probe.Open("start");

        await Soon(call);
    }

    [Theory]
    [InlineData("fails once")]
    [InlineData("fails late")]
    public async Task A_failed_activation_fails_the_caller_and_the_next_call_tries_again(string key)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => Soon(Grain<ILifeGrain>(key).Instance()));

        Assert.Contains("not yet", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, await Soon(Grain<ILifeGrain>(key).Instance()));
        Assert.Equal(0, Probe.Count("deactivated"));
    }

    [Fact]
    public async Task The_end_waits_for_the_requests_that_are_running()
    {
        var staying = Grain<ILifeGrain>().DeactivateAndStay("door");
        await Probe.Seen("staying");
        var next = Grain<ILifeGrain>().Instance();
        Assert.Equal(0, Probe.Count("deactivating: ApplicationRequested"));

        Probe.Open("door");
        await Soon(staying);

        Assert.Equal(2, await Soon(next));
        Assert.Equal(["left", "deactivating: ApplicationRequested", "deactivated"], Probe.Events.SkipWhile(e => e != "left").Take(3));
    }

    [Fact]
    public async Task A_call_to_a_grain_that_is_ending_goes_to_a_fresh_activation_after_the_end()
    {
        var grain = Grain<ILifeGrain>("slow end");
        await Soon(grain.Deactivate());
        await Probe.Seen("deactivating: ApplicationRequested");
        var next = grain.Instance();

        Assert.Equal(1, Probe.Count("activated"));
        Probe.Open("end");

        Assert.Equal(2, await Soon(next));
    }

    [Fact]
    public async Task An_error_while_ending_does_not_keep_the_grain_from_living_again()
    {
        var grain = Grain<ILifeGrain>("bad end");
        await Soon(grain.Deactivate());

        Assert.Equal(2, await Soon(grain.Instance()));
    }

    [Fact]
    public async Task A_request_that_met_too_many_ending_activations_is_rejected()
    {
        var grain = Grain<ILifeGrain>("slow start");
        var calls = Enumerable.Range(0, 50).Select(_ => grain.Deactivate()).ToList();
        Probe.Open("start");

        await Soon(Task.WhenAll(calls).ContinueWith(_ => { }, TaskScheduler.Default));

        // The one that is served ends the activation; the others go on to the next, twice at most. How many meet a third depends
        // on when they arrive.
        Assert.True(calls.Count(call => call.IsCompletedSuccessfully) >= 3);
        Assert.All(calls.Where(call => call.IsFaulted), call => Assert.IsType<OrleansMessageRejectionException>(call.Exception!.InnerException));
    }

    [Fact]
    public async Task Stopping_the_host_ends_every_activation_in_order()
    {
        await Soon(Grain<ILifeGrain>("a").Ping());
        await Soon(Grain<ILifeGrain>("b").Ping());

        await Host.RestartAsync();

        Assert.Equal(2, Probe.Count("deactivating: ShuttingDown"));
        Assert.Equal(2, Probe.Count("deactivated"));
    }
}
