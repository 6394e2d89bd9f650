using SessionManager.Sessions;
using SessionManager.Simulation.Runtime;

namespace SessionManager.Simulation;

/// <summary>The process: how it starts, stops, dies, and runs a second time beside itself.</summary>
sealed partial class World
{
    /// <summary>The process dies before the next turn. With it the other, if there are two.</summary>
    public void Crash(string why) => _crash ??= why;

    /// <summary>A second process starts on the same storage while the first, thought dead, goes on for a while.</summary>
    public void Split(TimeSpan until)
    {
        if (Engine is null || Zombie is not null)
            return;
        Zombie = Engine;
        Disturb($"split: the old process goes on for {until.TotalSeconds:0.000} s", until);
        SplitFor(until);
        Engine = null;
        EndOld(Zombie, until);
        StartProcess();
    }

    void SplitFor(TimeSpan lasting)
    {
        if (Time.Elapsed + lasting is var until && until > SplitUntil)
            SplitUntil = until;
    }

    void EndOld(SimulatedProcess old, TimeSpan after) => Time.CreateTimer(
        _ =>
        {
            if (Zombie != old)
                return;
            old.Kill();
            Zombie = null;
            Disturb("the old process is dead");
        },
        null,
        after,
        Timeout.InfiniteTimeSpan);

    /// <summary>Of two processes, the old one dies while it ends a session, of which the other knows nothing.</summary>
    public async Task DieEnding(SessionModel session, TimeSpan after)
    {
        if (Zombie is not { } old)
            return;
        Log($"→ drop {session.Id} (old process, which dies {after.TotalMilliseconds} ms later)");
        session.DropAsked = true;
        EndOld(old, after);
        try
        {
            await old.Silo.GetGrain<ISessionGrain>(session.Id).Drop(null, DropReason.Terminated);
        }
        catch (Exception exception)
        {
            Log($"← drop {session.Id}: {exception.GetType().Name}");
        }
    }

    /// <summary>Stops in order and starts again, as a deployment does.</summary>
    public async Task Restart()
    {
        if (Engine is not { } engine)
            return;
        Disturb("restart", TimeSpan.FromSeconds(20));
        Engine = null;
        _stopping = engine;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20), Time);
        await engine.Silo.StopAsync(patience.Token);
        if (_stopping != engine)
            return;
        _stopping = null;
        engine.Kill();
        Database.ProcessDied();
        StartProcess();
    }

    void CrashNow(string reason)
    {
        _crash = null;
        Crashes++;
        Disturb($"crash {reason}");
        Engine?.Kill();
        Zombie?.Kill();
        _starting?.Kill();
        _stopping?.Kill();
        Engine = Zombie = _starting = _stopping = null;
        Database.ProcessDied();
        var down = _process.Chance(0.5) ? TimeSpan.FromMilliseconds(_process.Between(1, 50)) : _process.Seconds(0, 40);
        DisturbedUntil += down;
        StartProcess(down);
    }

    void StartProcess(TimeSpan after = default)
    {
        var options = new SiloOptions { MinimumReminderPeriod = TimeSpan.FromSeconds(1) };
        var random = new Rng(_process.Next());
        if (Plan.Has(Fault.Collection))
            options = options with { CollectionAge = _process.Seconds(3, 60), CollectionQuantum = TimeSpan.FromSeconds(1) };
        var store = new SimulatedSessionStore(Database, Sessions, _defect);
        var services = new Services(Time, Plan, store, random);
        var silo = new SimulatedSilo(typeof(SessionGrain).Assembly, services, Records, Records, _picker, options);
        services.Grains = silo;
        var process = new SimulatedProcess(silo, store);
        _starting = process;
        _ = Outside.Start(async () =>
        {
            await Delay(after);
            while (_starting == process)
            {
                try
                {
                    await silo.StartAsync();
                    // As the silo's own start does.
                    await silo.GetGrain<ISweepGrain>(ISweepGrain.Key).Start();
                    if (_starting != process)
                        return;
                    _starting = null;
                    Engine = process;
                    UpSince = Time.Elapsed;
                    Disturb("the process is up");
                    return;
                }
                catch (Exception exception) when (exception is TimeoutException or OrleansException)
                {
                    Disturb("the start failed");
                    await Delay(TimeSpan.FromSeconds(1));
                }
            }
        });
    }
}

/// <summary>One process: its grains and its own way to the sessions.</summary>
sealed record SimulatedProcess(SimulatedSilo Silo, SimulatedSessionStore Sessions)
{
    /// <summary>It stops dead. What it has sent to the storage is carried out all the same.</summary>
    public void Kill()
    {
        Sessions.IsDead = true;
        Silo.Abort();
    }
}
