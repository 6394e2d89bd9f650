using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>What goes wrong with the machine, by the plan's choice.</summary>
sealed class Chaos(World world, Rng rng)
{
    bool _over;

    public async Task Run()
    {
        var plan = world.Plan;
        // There every fault is aimed (FaultyDatabase.Aim).
        if (plan.Emphasis != Emphasis.Cuts)
            SetRates();
        var pace = TimeSpan.FromSeconds((plan.IsDense ? 20 : 300) / plan.Intensity);
        while (true)
        {
            await (plan.Emphasis switch
            {
                Emphasis.Splits when plan.Has(Fault.Zombie) => AnotherSplit(),
                Emphasis.Cuts => world.Delay(rng.Around(3 * pace)),
                _ => world.Delay(rng.Around(pace)),
            });
            if (_over)
                break;
            switch (rng.Below(6))
            {
                case 0 when plan.Has(Fault.Crash):
                    world.Crash("out of nowhere");
                    break;
                case 1 when plan.Has(Fault.Crash):
                    await world.Restart();
                    break;
                case 2 when plan.Has(Fault.Zombie):
                    world.Split(rng.Seconds(1, 90));
                    if (rng.Chance(0.5))
                        await DieEnding();
                    break;
                case 3 when plan.Has(Fault.Storage):
                    await Outage();
                    break;
                case 4 when plan.Has(Fault.Jump):
                    // Ahead by any time, as after a pause of the whole machine; back by as much as a clock goes wrong by itself.
                    var jump = rng.Below(10) switch
                    {
                        < 3 => -rng.Seconds(0, 5),
                        < 6 => rng.Seconds(0, 5),
                        _ => rng.Seconds(0, plan.Sessions.IdleSeconds * 1.2),
                    };
                    world.Oracle.ClockIsSet();
                    world.Time.Jump(jump);
                    world.Disturb($"the wall clock is set by {jump.TotalSeconds:0.000} s");
                    break;
                case 5 when plan.Has(Fault.Crash):
                    // One upon the other: what the first left half done meets the second.
                    for (var i = rng.Between(1, 3); i > 0; i--)
                    {
                        world.Crash("again and again");
                        await world.Delay(rng.Seconds(0, 3));
                    }

                    break;
            }
        }

        world.SetFaults(new FaultyDatabase.Rates(), 0);
    }

    public void End()
    {
        _over = true;
        world.Database.IsOut = false;
        world.SetFaults(new FaultyDatabase.Rates(), 0);
    }

    async Task AnotherSplit()
    {
        await world.Delay(rng.Seconds(0, 10));
        world.Split(rng.Seconds(1, 30));
        await world.Delay(rng.Seconds(0, 20));
    }

    void SetRates()
    {
        var plan = world.Plan;
        var often = 0.004 * plan.Intensity;
        var crash = plan.Has(Fault.Crash) ? (plan.IsDense ? 0.0008 : 0.0015) * plan.Intensity : 0;
        world.SetFaults(
            new FaultyDatabase.Rates
            {
                FailBefore = plan.Has(Fault.Storage) ? often : 0,
                FailAfter = plan.Has(Fault.Unknown) ? often : 0,
                DoneLate = plan.Has(Fault.Unknown) ? often / 2 : 0,
                DoneTwice = plan.Has(Fault.Unknown) ? often / 2 : 0,
                Slow = plan.Has(Fault.Latency) ? often * (plan.Emphasis == Emphasis.Splits ? 6 : 2) : 0,
                CrashBefore = crash,
                CrashAfter = crash,
                CrashAcknowledged = crash,
            },
            plan.Has(Fault.Stall) ? 0.0005 * plan.Intensity : 0);
    }

    async Task DieEnding()
    {
        // Long enough for the new process to have looked at every session.
        await world.Delay(rng.Seconds(0, 10));
        IReadOnlyList<SessionModel> streaming = [.. world.Oracle.Sessions().Where(session => session.Stored is { State: SessionState.Connected })];
        if (streaming.Count > 0)
            await world.DieEnding(rng.Pick(streaming), TimeSpan.FromMilliseconds(rng.Between(5, 30)));
    }

    async Task Outage()
    {
        var time = rng.Chance(0.7) ? rng.Seconds(0, 3) : rng.Seconds(3, 60);
        world.Disturb($"the storage is out for {time.TotalSeconds:0.000} s", time);
        world.Database.IsOut = true;
        await world.Delay(time);
        world.Database.IsOut = false;
    }
}
