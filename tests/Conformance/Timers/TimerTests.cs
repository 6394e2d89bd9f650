namespace SessionManager.Conformance.Timers;

public interface ITimerGrain : IGrainWithStringKey
{
    Task Start(string name, TimeSpan dueTime, TimeSpan period, bool interleave = false);

    /// <summary>The tick waits at the gate of the timer's name.</summary>
    Task StartSlow(string name, TimeSpan dueTime, TimeSpan period, bool interleave);

    Task StartFailing(string name, TimeSpan dueTime, TimeSpan period);

    Task Change(TimeSpan dueTime, TimeSpan period);

    Task StartChangingItself(string name, TimeSpan dueTime, TimeSpan next);

    Task Stop();

    Task Deactivate();

    /// <summary>Waits at the gate.</summary>
    Task Occupy(string gate);

    /// <summary>Asks for its end, then waits at the gate.</summary>
    Task EndAndOccupy(string gate);

    [AlwaysInterleave]
    Task Ping();
}

public sealed class TimerGrain(Probe probe) : Grain, ITimerGrain
{
    IGrainTimer? _timer;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Report("deactivated");
        return Task.CompletedTask;
    }

    public Task Start(string name, TimeSpan dueTime, TimeSpan period, bool interleave)
    {
        _timer = this.RegisterGrainTimer(
            () =>
            {
                probe.Report(name);
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(dueTime, period) { Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task StartSlow(string name, TimeSpan dueTime, TimeSpan period, bool interleave)
    {
        _timer = this.RegisterGrainTimer(
            async (state, cancellationToken) =>
            {
                probe.Report($"{state} in");
                await probe.Gate(state).WaitAsync(cancellationToken);
                probe.Report($"{state} out");
            },
            name,
            new GrainTimerCreationOptions(dueTime, period) { Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task StartFailing(string name, TimeSpan dueTime, TimeSpan period)
    {
        _timer = this.RegisterGrainTimer(
            () =>
            {
                probe.Report(name);
                throw new InvalidOperationException("tick");
            },
            dueTime,
            period);
        return Task.CompletedTask;
    }

    public Task Change(TimeSpan dueTime, TimeSpan period)
    {
        _timer!.Change(dueTime, period);
        return Task.CompletedTask;
    }

    public Task StartChangingItself(string name, TimeSpan dueTime, TimeSpan next)
    {
        _timer = this.RegisterGrainTimer(
            () =>
            {
                _timer!.Change(next, Timeout.InfiniteTimeSpan);
                probe.Report(name);
                return Task.CompletedTask;
            },
            dueTime,
            Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task Occupy(string gate)
    {
        probe.Report($"{gate} occupied");
        await probe.Gate(gate);
    }

    public async Task EndAndOccupy(string gate)
    {
        DeactivateOnIdle();
        await Occupy(gate);
    }

    public Task Ping() => Task.CompletedTask;
}

public sealed class OrleansTimerTests : TimerTests<OrleansHost>;

public sealed class SimulatedTimerTests : TimerTests<SimulatedHost>;

public abstract class TimerTests<THost> : ConformanceTests<THost> where THost : IGrainHost, new()
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_timer_ticks_first_when_due_and_then_every_period()
    {
        var grain = Grain<ITimerGrain>();
        await Soon(grain.Start("tick", 10 * Second, 3 * Second));

        Host.Time.Advance(9 * Second);
        await Settle(grain);
        Assert.Equal(0, Probe.Count("tick"));

        Host.Time.Advance(Second);
        await Probe.Seen("tick");
        await Settle(grain);
        Host.Time.Advance(2 * Second);
        await Settle(grain);
        Assert.Equal(1, Probe.Count("tick"));

        Host.Time.Advance(Second);
        await Probe.Seen("tick", 2);
    }

    [Fact]
    public async Task A_timer_without_a_period_ticks_once()
    {
        var grain = Grain<ITimerGrain>();
        await Soon(grain.Start("tick", Second, Timeout.InfiniteTimeSpan));
        Host.Time.Advance(Second);
        await Probe.Seen("tick");

        await Settle(grain);
        Host.Time.Advance(1000 * Second);
        await Settle(grain);

        Assert.Equal(1, Probe.Count("tick"));
    }

    [Fact]
    public async Task A_tick_waits_its_turn_like_a_request()
    {
        var grain = Grain<ITimerGrain>();
        await Soon(grain.Start("tick", Second, Timeout.InfiniteTimeSpan));
        var busy = grain.Occupy("door");
        await Probe.Seen("door occupied");

        Host.Time.Advance(Second);
        await Settle(grain);
        Assert.Equal(0, Probe.Count("tick"));

        Probe.Open("door");
        await Soon(busy);
        await Probe.Seen("tick");
    }

    [Fact]
    public async Task An_interleaving_tick_does_not_wait()
    {
        var grain = Grain<ITimerGrain>();
        await Soon(grain.Start("tick", Second, Timeout.InfiniteTimeSpan, interleave: true));
        var busy = grain.Occupy("door");
        await Probe.Seen("door occupied");

        Host.Time.Advance(Second);
        await Probe.Seen("tick");

        Probe.Open("door");
        await Soon(busy);
    }

    [Fact]
    public async Task A_request_waits_for_a_tick_that_does_not_interleave()
    {
        var grain = Grain<ITimerGrain>();
        await Soon(grain.StartSlow("slow", Second, Timeout.InfiniteTimeSpan, interleave: false));
        Host.Time.Advance(Second);
        await Probe.Seen("slow in");

        Probe.Open("door");
        var request = grain.Occupy("door");
        await Settle(grain);
        Assert.Equal(0, Probe.Count("door occupied"));

        Probe.Open("slow");
        await Soon(request);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_timer_never_overlaps_with_itself_and_its_period_runs_from_the_end_of_a_tick(bool interleave)
    {
        var grain = Grain<ITimerGrain>();
        await Soon(grain.StartSlow("slow", Second, Second, interleave));
        Host.Time.Advance(Second);
        await Probe.Seen("slow in");
        Host.Time.Advance(10 * Second);
        await Settle(grain);
        Assert.Equal(1, Probe.Count("slow in"));

        Probe.Open("slow");
        await Probe.Seen("slow out");
        await Settle(grain);
        Assert.Equal(1, Probe.Count("slow in"));
        Host.Time.Advance(Second);

        await Probe.Seen("slow out", 2);
    }

    [Fact]
    public async Task A_failing_tick_does_not_stop_the_timer()
    {
        var grain = Grain<ITimerGrain>();
        await Soon(grain.StartFailing("tick", Second, Second));
        Host.Time.Advance(Second);
        await Probe.Seen("tick");
        await Settle(grain);

        Host.Time.Advance(Second);

        await Probe.Seen("tick", 2);
    }

    [Fact]
    public async Task A_changed_timer_ticks_at_its_new_time_only()
    {
        var grain = Grain<ITimerGrain>();
        await Soon(grain.Start("tick", Second, Timeout.InfiniteTimeSpan));
        await Soon(grain.Change(5 * Second, Timeout.InfiniteTimeSpan));

        Host.Time.Advance(4 * Second);
        await Settle(grain);
        Assert.Equal(0, Probe.Count("tick"));

        Host.Time.Advance(Second);
        await Probe.Seen("tick");
    }

    [Fact]
    public async Task A_change_made_in_a_tick_counts_from_its_end()
    {
        var grain = Grain<ITimerGrain>();
        await Soon(grain.StartChangingItself("tick", Second, 5 * Second));
        Host.Time.Advance(Second);
        await Probe.Seen("tick");
        await Settle(grain);

        Host.Time.Advance(4 * Second);
        await Settle(grain);
        Assert.Equal(1, Probe.Count("tick"));

        Host.Time.Advance(Second);
        await Probe.Seen("tick", 2);
    }

    [Fact]
    public async Task A_disposed_timer_ticks_no_more()
    {
        var grain = Grain<ITimerGrain>();
        await Soon(grain.Start("tick", Second, Second));
        await Soon(grain.Stop());

        Host.Time.Advance(10 * Second);
        await Settle(grain);

        Assert.Equal(0, Probe.Count("tick"));
    }

    [Fact]
    public async Task A_timer_ends_with_its_activation()
    {
        var grain = Grain<ITimerGrain>();
        await Soon(grain.Start("tick", Second, Second));
        await Soon(grain.Deactivate());
        await Probe.Seen("deactivated");

        Host.Time.Advance(10 * Second);
        await Settle(grain);

        Assert.Equal(0, Probe.Count("tick"));
    }

    [Fact]
    public async Task A_tick_may_still_come_between_the_asking_for_the_end_and_the_end()
    {
        var grain = Grain<ITimerGrain>();
        await Soon(grain.Start("tick", Second, Timeout.InfiniteTimeSpan, interleave: true));
        var busy = grain.EndAndOccupy("door");
        await Probe.Seen("door occupied");

        Host.Time.Advance(Second);
        await Probe.Seen("tick");
        Assert.Equal(0, Probe.Count("deactivated"));

        Probe.Open("door");
        await Soon(busy);
        await Probe.Seen("deactivated");
    }

    [Fact]
    public async Task The_end_of_the_activation_cancels_the_token_of_a_running_tick_that_interleaves()
    {
        var grain = Grain<ITimerGrain>();
        await Soon(grain.StartSlow("slow", Second, Second, interleave: true));
        Host.Time.Advance(Second);
        await Probe.Seen("slow in");
        await Soon(grain.Stop());

        await Soon(grain.Deactivate());

        await Probe.Seen("deactivated");
        Assert.Equal(0, Probe.Count("slow out"));
    }

    [Fact]
    public async Task A_due_time_below_minus_one_is_refused() =>
        await Assert.ThrowsAnyAsync<ArgumentOutOfRangeException>(() => Soon(Grain<ITimerGrain>().Start("x", -2 * Second, Second)));

    /// <summary>Several round trips through the grain, so that what was on its way has arrived.</summary>
    static async Task Settle(ITimerGrain grain)
    {
        for (var i = 0; i < 5; i++) await Soon(grain.Ping());
    }
}
