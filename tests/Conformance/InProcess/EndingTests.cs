using SessionManager.Conformance.Calls;
using SessionManager.Conformance.Lifecycle;
using SessionManager.InProcess;

namespace SessionManager.Conformance;

/// <summary>Lives that do not begin or end as they should, by the manual clock.</summary>
public sealed class EndingTests : EngineTests
{
    InProcessEngine Engine => ((EngineHost)Host).Engine;

    [Fact]
    public async Task An_activation_that_takes_too_long_is_given_up_and_the_next_call_tries_again()
    {
        var call = Grain<ILifeGrain>("slow start").Instance();
        await Probe.Seen("activating");

        await Advance(TimeSpan.FromSeconds(31));

        await Assert.ThrowsAsync<TimeoutException>(() => Soon(call));
        Assert.Empty(Engine.Activations);
        Probe.Open("start");
        Assert.Equal(2, await Soon(Grain<ILifeGrain>("slow start").Instance()));
    }

    [Fact]
    public async Task An_end_that_takes_too_long_is_not_waited_for()
    {
        await Soon(Grain<ILifeGrain>("slow end").Deactivate());
        await Probe.Seen("deactivating: ApplicationRequested");

        await Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(2, await Soon(Grain<ILifeGrain>("slow end").Instance()));
    }

    [Fact]
    public async Task A_stop_waits_no_longer_than_the_deactivation_timeout()
    {
        var call = Grain<ISlowGrain>().Wait("door");
        await Probe.Seen("door in");

        var stop = Engine.StopAsync(CancellationToken.None);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => Soon(Grain<IEchoGrain>().Key()));
        Assert.False(stop.IsCompleted);
        await Advance(TimeSpan.FromSeconds(31));

        await Soon(stop);
        await Assert.ThrowsAnyAsync<Exception>(() => Soon(call));
    }

    async Task Advance(TimeSpan time)
    {
        await Soon(((EngineHost)Host).Scheduler.Quiet());
        Host.Time.Advance(time);
        await Soon(((EngineHost)Host).Scheduler.Quiet());
    }
}
