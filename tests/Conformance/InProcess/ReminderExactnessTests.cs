using Orleans.Runtime;
using SessionManager.Conformance.Reminders;
using SessionManager.InProcess;

namespace SessionManager.Conformance;

/// <summary>Where Orleans promises less: a tick on its way may still arrive there, and ticks are late by a refresh after a start.</summary>
public sealed class ReminderExactnessTests : EngineTests
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_tick_that_waits_behind_its_own_unregistration_is_dropped()
    {
        await Soon(Grain<IReminderGrain>().Register("r", Minute, Minute));
        await Advance(TimeSpan.FromSeconds(58));
        var unregistering = Grain<IReminderGrain>().UnregisterAfter("door", "r");
        await Probe.Seen("at door");
        await Advance(TimeSpan.FromSeconds(2));

        Probe.Open("door");
        await Soon(unregistering);

        await Advance(5 * Minute);
        Assert.Equal(0, Probe.Count("r"));
    }

    [Fact]
    public async Task Ticks_keep_to_the_first_due_time_and_skip_what_was_missed_while_the_engine_was_down()
    {
        await Soon(Grain<IReminderGrain>().Register("r", Minute, 3 * Minute));
        await Advance(Minute);
        Assert.Equal(1, Probe.Count("r"));
        ((EngineHost)Host).Engine.Abort();
        Host.Time.Advance(7 * Minute);
        await Host.RestartAsync();

        await Advance(Minute * 1.9);
        Assert.Equal(1, Probe.Count("r"));
        await Advance(Minute * 0.1);
        Assert.Equal(2, Probe.Count("r"));
    }

    [Fact]
    public async Task What_another_process_registered_or_took_away_is_learned_of_at_the_next_refresh()
    {
        var host = (EngineHost)Host;
        var reminder = new StoredReminder(Grain<IReminderGrain>().GetGrainId(), "r", Host.Time.GetUtcNow() + Minute, Minute, "");
        var etag = await host.RemindBehindTheEngineAsync(reminder);
        await Advance(4 * Minute);
        await Advance(Minute);
        Assert.Equal(0, Probe.Count("r"));
        await Advance(Minute);
        Assert.Equal(1, Probe.Count("r"));

        await host.ForgetBehindTheEngineAsync(reminder, etag);
        await Advance(4 * Minute);
        var ticks = Probe.Count("r");
        await Advance(5 * Minute);
        Assert.Equal(ticks, Probe.Count("r"));
    }

    async Task Advance(TimeSpan time)
    {
        Host.Time.Advance(time);
        await Soon(((EngineHost)Host).Scheduler.Quiet());
    }
}
