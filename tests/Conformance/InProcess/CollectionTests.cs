using SessionManager.Conformance.Calls;
using SessionManager.Conformance.Lifecycle;
using SessionManager.Conformance.State;
using SessionManager.Conformance.Timers;
using SessionManager.InProcess;

namespace SessionManager.Conformance;

[CollectionAgeLimit(Minutes = 2)]
public sealed class ShortLivedGrain(Probe probe) : Grain, IShortLivedGrain
{
    public Task KeepBusy(TimeSpan period, bool keepAlive)
    {
        this.RegisterGrainTimer(
            () =>
            {
                probe.Report("kept");
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(period, period) { KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public Task Delay(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public async Task Occupy(string gate)
    {
        probe.Report("occupied");
        await probe.Gate(gate);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Report(reason.ReasonCode.ToString());
        return Task.CompletedTask;
    }
}

public interface IShortLivedGrain : IGrainWithStringKey
{
    Task KeepBusy(TimeSpan period, bool keepAlive);

    Task Delay(TimeSpan time);

    Task Occupy(string gate);
}

/// <summary>What this engine can be asked and Orleans cannot: it collects by the manual clock, and it can crash.</summary>
public sealed class CollectionTests : EngineTests
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    InProcessEngine Engine => ((EngineHost)Host).Engine;

    [Fact]
    public async Task An_idle_activation_ends_after_its_age()
    {
        await Soon(Grain<IShortLivedGrain>().Delay(TimeSpan.Zero));
        await Soon(Grain<ILifeGrain>().Ping());

        await Advance(3 * Minute);
        await Probe.Seen("ActivationIdle");
        Assert.Equal(typeof(LifeGrain), Assert.Single(Engine.Activations).Class);

        await Advance(14 * Minute);
        await Probe.Seen("deactivating: ActivationIdle");
        Assert.Empty(Engine.Activations);
    }

    [Fact]
    public async Task A_call_makes_an_activation_young_again()
    {
        for (var i = 0; i < 10; i++)
        {
            await Soon(Grain<IShortLivedGrain>().Delay(TimeSpan.Zero));
            await Advance(Minute);
        }

        Assert.Equal(0, Probe.Count("ActivationIdle"));
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task Only_a_keep_alive_timer_keeps_its_activation(bool keepAlive, int ended)
    {
        await Soon(Grain<IShortLivedGrain>().KeepBusy(Minute, keepAlive));

        await Advance(10 * Minute);

        Assert.Equal(ended, Probe.Count("ActivationIdle"));
    }

    [Fact]
    public async Task A_delayed_deactivation_keeps_the_activation_until_then()
    {
        await Soon(Grain<IShortLivedGrain>().Delay(10 * Minute));
        await Advance(9 * Minute);
        Assert.Equal(0, Probe.Count("ActivationIdle"));

        await Advance(3 * Minute);

        await Probe.Seen("ActivationIdle");
    }

    [Fact]
    public async Task A_request_under_way_keeps_the_activation()
    {
        var call = Grain<IShortLivedGrain>().Occupy("door");
        await Probe.Seen("occupied");

        await Advance(20 * Minute);

        Assert.Equal(0, Probe.Count("ActivationIdle"));
        Probe.Open("door");
        await Assert.ThrowsAsync<TimeoutException>(() => Soon(call));
    }

    [Fact]
    public async Task After_an_abort_no_turn_runs_any_more_and_callers_learn_of_it()
    {
        await Soon(Grain<ITimerGrain>().Start("tick", Minute, Minute));
        var call = Grain<ISlowGrain>().Wait("door");
        await Probe.Seen("door in");

        Engine.Abort();
        Probe.Open("door");
        Host.Time.Advance(10 * Minute);

        await Assert.ThrowsAsync<SiloUnavailableException>(() => Soon(call));
        await Assert.ThrowsAsync<SiloUnavailableException>(() => Soon(Grain<IEchoGrain>().Key()));
        Assert.Equal(0, Probe.Count("door out"));
        Assert.Equal(0, Probe.Count("tick"));
    }

    [Fact]
    public async Task After_an_abort_another_engine_finds_what_was_written()
    {
        await Soon(Grain<IWalletGrain>().Put(7));
        Engine.Abort();

        await Host.RestartAsync();

        Assert.Equal(7, await Soon(Grain<IWalletGrain>().Amount()));
    }

    [Fact]
    public async Task A_stopped_engine_refuses_calls()
    {
        await Engine.StopAsync(CancellationToken.None);

        await Assert.ThrowsAsync<SiloUnavailableException>(() => Soon(Grain<IEchoGrain>().Key()));
    }

    /// <summary>In steps, each until what fell due has happened.</summary>
    async Task Advance(TimeSpan time)
    {
        for (var gone = TimeSpan.Zero; gone < time; gone += Minute / 2)
        {
            Host.Time.Advance(Minute / 2);
            await Soon(((EngineHost)Host).Scheduler.Quiet());
        }
    }
}
