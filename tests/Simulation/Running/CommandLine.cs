using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace SessionManager.Simulation;

/// <summary>dotnet run -c Release --project tests/Simulation -- …</summary>
static class CommandLine
{
    const string Usage = """
        --seconds N       runs fresh seeds for so long; with --in Splits, Cuts or Groups, only worlds full of that
        --seeds A..B      runs these seeds
        --mutations [NAME] puts defects into the grains and shows which promise each breaks
        --replay SCENARIO runs one and prints everything that happens; with --turns, every turn as well
        """;

    public static Task<int> Run(string[] args)
    {
        switch (args)
        {
            case ["--seconds", var seconds]:
                return Task.FromResult(Fresh(seconds, Emphasis.None));
            case ["--seconds", var seconds, "--in", var emphasis]:
                return Task.FromResult(Fresh(seconds, Enum.Parse<Emphasis>(emphasis)));
            case ["--seeds", var range]:
                var ends = range.Split("..");
                return Task.FromResult(Many(new Seeds(ulong.Parse(ends[0], CultureInfo.InvariantCulture), ulong.Parse(ends[^1], CultureInfo.InvariantCulture)), TimeSpan.MaxValue, Emphasis.None));
            case ["--replay", var scenario]:
                return Task.FromResult(Replay(Scenario.Parse(scenario), turns: false));
            case ["--replay", var scenario, "--turns"]:
                return Task.FromResult(Replay(Scenario.Parse(scenario), turns: true));
            case ["--mutations"]:
                return Task.FromResult(Mutations(Mutation.All));
            case ["--mutations", var name]:
                return Task.FromResult(Mutations([.. Mutation.All.Where(mutation => mutation.Name.Contains(name, StringComparison.OrdinalIgnoreCase))]));
            default:
                Console.Error.WriteLine(Usage);
                return Task.FromResult(2);
        }
    }

    /// <summary>The failure, how to see it again, and the end of the shortest run that fails the same way.</summary>
    public static string Explain(RunResult failure, TimeSpan patience)
    {
        var what = $"""
            seed {failure.Scenario.Seed} broke '{failure.Violation!.Check}' at step {failure.Violation.Step}: {failure.Violation.What}
            again:    dotnet run -c Release --project tests/Simulation -- --replay {failure.Scenario}
            """;
        if (failure.Violation.Check == Violation.Hang)
            return what;
        var smallest = new Shrinker(patience).Shrink(failure);
        var world = new World(smallest.Scenario, trace: true);
        world.Run();
        return $"""
            {what}
            shortest: dotnet run -c Release --project tests/Simulation -- --replay {smallest.Scenario}
            {string.Join(Environment.NewLine, world.Traced.Where(line => !line.Contains("heartbeat", StringComparison.Ordinal)).TakeLast(30))}
            """;
    }

    static int Replay(Scenario scenario, bool turns)
    {
        var world = new World(scenario, trace: true, turns);
        var result = world.Run();
        foreach (var line in world.Traced)
            Console.WriteLine(line);
        Console.WriteLine($"{result.Turns} turns, {result.Simulated} simulated, {result.Lives} lives, {result.Crashes} crashes, trace {result.Trace:x16}");
        return result.Violation is null ? 0 : 1;
    }

    static int Mutations(IReadOnlyList<Mutation> mutations)
    {
        Console.WriteLine("| mutation | caught by | seed | other promises broken first, and in how many runs |");
        Console.WriteLine("|---|---|---|---|");
        var caught = 0;
        foreach (var (mutation, check, seeds, others, _) in MutationRun.Run(mutations))
        {
            Console.WriteLine($"| {mutation.Name} | {check ?? "**nothing**"} | {seeds} | {others} |");
            caught += check is null ? 0 : 1;
        }

        Console.WriteLine(JsonSerializer.Serialize(new { mutations = mutations.Count, caught }));
        return caught == mutations.Count ? 0 : 1;
    }

    static int Fresh(string seconds, Emphasis emphasis) => Many(
        new Seeds(First: (ulong)Stopwatch.GetTimestamp() % 1_000_000_000, Last: ulong.MaxValue),
        TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)),
        emphasis);

    static int Many(Seeds seeds, TimeSpan time, Emphasis emphasis)
    {
        var runner = new Runner { In = emphasis };
        var totals = runner.Run(seeds, time);
        foreach (var failure in runner.Failures.Take(3))
            Console.WriteLine(Explain(failure, TimeSpan.FromSeconds(30)));
        Console.WriteLine(JsonSerializer.Serialize(totals, Totals.Json));
        return totals.Violations == 0 ? 0 : 1;
    }
}
