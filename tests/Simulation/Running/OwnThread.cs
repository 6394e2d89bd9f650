namespace SessionManager.Simulation;

/// <summary>
/// Runs a world alone on a thread of its own, seen from another: whatever a defect does to it, the run ends and says which world it
/// was. A turn that never ends can only be left alone.
/// </summary>
static class OwnThread
{
    /// <summary>
    /// Of the machine's time, the only one that passes in a turn that does not end. A turn takes microseconds: none takes this long,
    /// however busy the machine is.
    /// </summary>
    static readonly TimeSpan LongestTurn = TimeSpan.FromMinutes(3);

    public static RunResult Run(Scenario scenario, StoreDefect defect = StoreDefect.None) =>
        Run(scenario, defect, world => world.Run(), LongestTurn);

    public static RunResult Run(Scenario scenario, StoreDefect defect, Func<World, RunResult> run, TimeSpan longestTurn)
    {
        World? world = null;
        RunResult? result = null;
        // In the background: one that hangs must not keep the process from ending.
        var thread = new Thread(() =>
        {
            try
            {
                world = new World(scenario, defect: defect);
                result = run(world);
            }
            catch (Exception exception)
            {
                result = Failed("simulator", exception.ToString());
            }
        })
        { IsBackground = true };
        thread.Start();
        for (var turns = -1L; !thread.Join(longestTurn); turns = world?.Turns ?? 0)
        {
            if (world?.Turns == turns)
                return Failed(Violation.Hang, $"turn {turns} does not end");
        }

        return result!;

        RunResult Failed(string check, string what) => new(
            scenario, new Violation(check, what, world?.Turns ?? 0, world?.Time.Elapsed ?? default), world?.Time.Elapsed ?? default, Lives: 0, Crashes: 0, world?.Turns ?? 0, Trace: 0);
    }
}
