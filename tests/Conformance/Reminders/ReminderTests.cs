namespace SessionManager.Conformance.Reminders;

public interface IReminderGrain : IGrainWithStringKey
{
    Task Register(string name, TimeSpan dueTime, TimeSpan period);

    Task Unregister(string name);

    Task UnregisterOutdated(string name);

    Task<string> Names();

    Task<bool> Has(string name);

    Task Deactivate();
}

public sealed class ReminderGrain(Probe probe) : Grain, IReminderGrain, IRemindable
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Report($"activated {this.GetPrimaryKeyString()}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Report("deactivated");
        return Task.CompletedTask;
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        probe.Report(reminderName);
        if (reminderName == "once") await Unregister(reminderName);
        if (reminderName == "failing") throw new InvalidOperationException("tick");
    }

    public Task Register(string name, TimeSpan dueTime, TimeSpan period) => this.RegisterOrUpdateReminder(name, dueTime, period);

    public async Task Unregister(string name)
    {
        if (await this.GetReminder(name) is { } reminder) await this.UnregisterReminder(reminder);
    }

    public async Task UnregisterOutdated(string name)
    {
        var outdated = await this.GetReminder(name);
        await this.RegisterOrUpdateReminder(name, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        await this.UnregisterReminder(outdated!);
    }

    public async Task<string> Names() => string.Join(",", (await this.GetReminders()).Select(reminder => reminder.ReminderName).Order());

    public async Task<bool> Has(string name) => await this.GetReminder(name) is not null;

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public sealed class OrleansReminderTests : ReminderTests<OrleansHost>;

public sealed class SimulatedReminderTests : ReminderTests<SimulatedHost>;

public abstract class ReminderTests<THost> : ConformanceTests<THost> where THost : IGrainHost, new()
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_reminder_ticks_first_when_due_and_then_every_period()
    {
        await Soon(Grain<IReminderGrain>().Register("r", 2 * Minute, 3 * Minute));

        await Advance(TimeSpan.FromSeconds(119));
        Assert.Equal(0, Probe.Count("r"));

        await AdvanceUntil("r", 1);
        await AdvanceUntil("r", 2);
    }

    [Fact]
    public async Task A_tick_activates_the_grain()
    {
        var grain = Grain<IReminderGrain>();
        await Soon(grain.Register("r", Minute, Minute));
        await Soon(grain.Deactivate());
        await Probe.Seen("deactivated");

        await AdvanceUntil("r", 1);

        Assert.Equal(2, Probe.Count("activated a"));
    }

    [Fact]
    public async Task A_reminder_survives_a_restart()
    {
        await Soon(Grain<IReminderGrain>().Register("r", Minute, Minute));

        await Host.RestartAsync();

        Assert.True(await Soon(Grain<IReminderGrain>().Has("r")));
        await AdvanceUntil("r", 1);
    }

    [Fact]
    public async Task An_unregistered_reminder_ticks_no_more_even_after_a_restart()
    {
        await Soon(Grain<IReminderGrain>().Register("r", Minute, Minute));
        await Soon(Grain<IReminderGrain>().Unregister("r"));

        await Advance(5 * Minute);
        await Host.RestartAsync();
        await Advance(5 * Minute);

        Assert.Equal(0, Probe.Count("r"));
        Assert.Equal("", await Soon(Grain<IReminderGrain>().Names()));
    }

    [Fact]
    public async Task A_reminder_can_unregister_itself_in_its_tick()
    {
        await Soon(Grain<IReminderGrain>().Register("once", Minute, Minute));
        await AdvanceUntil("once", 1);

        await Advance(5 * Minute);

        Assert.Equal(1, Probe.Count("once"));
    }

    [Fact]
    public async Task A_failing_tick_does_not_stop_the_reminder()
    {
        await Soon(Grain<IReminderGrain>().Register("failing", Minute, Minute));

        await AdvanceUntil("failing", 2);
    }

    [Fact]
    public async Task Registering_again_replaces_due_time_and_period()
    {
        await Soon(Grain<IReminderGrain>().Register("r", Minute, Minute));
        await Soon(Grain<IReminderGrain>().Register("r", 10 * Minute, Minute));

        await Advance(9 * Minute);
        Assert.Equal(0, Probe.Count("r"));

        Assert.Equal("r", await Soon(Grain<IReminderGrain>().Names()));
        await AdvanceUntil("r", 1);
    }

    [Fact]
    public async Task Unregistering_by_an_outdated_handle_is_refused() =>
        await Assert.ThrowsAsync<ReminderException>(() => Soon(Outdated()));

    [Fact]
    public async Task A_grain_sees_its_own_reminders_only()
    {
        await Soon(Grain<IReminderGrain>("a").Register("x", Minute, Minute));
        await Soon(Grain<IReminderGrain>("a").Register("y", Minute, Minute));
        await Soon(Grain<IReminderGrain>("b").Register("z", Minute, Minute));

        Assert.Equal("x,y", await Soon(Grain<IReminderGrain>("a").Names()));
        Assert.False(await Soon(Grain<IReminderGrain>("a").Has("z")));
    }

    [Fact]
    public async Task A_period_below_the_minimum_is_refused() => await Assert.ThrowsAnyAsync<ArgumentException>(
        () => Soon(Grain<IReminderGrain>().Register("r", Minute, TimeSpan.FromSeconds(59))));

    async Task Outdated()
    {
        await Grain<IReminderGrain>().Register("r", Minute, Minute);
        await Grain<IReminderGrain>().UnregisterOutdated("r");
    }

    /// <summary>In small steps, each with a round trip, because Orleans' reminders take several steps themselves.</summary>
    async Task Advance(TimeSpan time)
    {
        for (var gone = TimeSpan.Zero; gone < time; gone += Minute / 4)
        {
            Host.Time.Advance(time - gone < Minute / 4 ? time - gone : Minute / 4);
            await Soon(Grain<IReminderGrain>("other").Names());
        }
    }

    /// <summary>However late the ticks are: too early is what the tests look for.</summary>
    async Task AdvanceUntil(string name, int times)
    {
        var seen = Probe.Seen(name, times);
        while (!seen.IsCompleted)
            await Advance(Minute / 4);
        await seen;
    }
}
