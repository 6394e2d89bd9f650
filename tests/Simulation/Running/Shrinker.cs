using System.Collections.Immutable;
using System.Diagnostics;

namespace SessionManager.Simulation;

/// <summary>
/// Takes away from a failing run whatever it can fail the same promise without: kinds of faults, then clients. Taking something
/// away shifts what chance does next, so each candidate gets a few other orders of events to fail in.
/// </summary>
sealed class Shrinker(TimeSpan time)
{
    const int Salts = 4;
    readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>The smallest scenario found that breaks the same promise.</summary>
    public RunResult Shrink(RunResult failure)
    {
        var smallest = failure;
        foreach (var fault in Enum.GetValues<Fault>().Where(fault => fault is not (Fault.None or Fault.All)))
            smallest = Try(smallest, smallest.Scenario with { Without = smallest.Scenario.Without | fault });

        var clients = new Plan(failure.Scenario).Clients;
        for (var size = clients / 2; size > 0; size /= 2)
        {
            for (var first = 0; first < clients; first += size)
            {
                var some = Enumerable.Range(first, Math.Min(size, clients - first)).Except(smallest.Scenario.SkippedClients).ToImmutableArray();
                if (!some.IsEmpty)
                    smallest = Try(smallest, smallest.Scenario with { SkippedClients = smallest.Scenario.SkippedClients.Union(some) });
            }
        }

        return smallest;
    }

    RunResult Try(RunResult smallest, Scenario candidate)
    {
        if (candidate.Without == smallest.Scenario.Without && candidate.SkippedClients == smallest.Scenario.SkippedClients)
            return smallest;
        for (var salt = 0; salt < Salts && _clock.Elapsed < time; salt++)
        {
            var result = OwnThread.Run(candidate with { Salt = candidate.Salt + salt });
            if (result.Violation?.Check == smallest.Violation!.Check)
                return result;
        }

        return smallest;
    }
}
