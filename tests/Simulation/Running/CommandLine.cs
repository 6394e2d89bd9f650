using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace SessionManager.Simulation;

/// <summary>dotnet run -c Release --project tests/Simulation -- …</summary>
static class CommandLine
{
    const string Usage = """
        --seconds N       runs fresh seeds for so long
        --seeds A..B      runs these seeds
        --replay SCENARIO runs one and prints everything that happens; with --turns, every turn as well
        """;

    public static Task<int> Run(string[] args)
    {
        switch (args)
        {
            case ["--seconds", var seconds]:
                return Task.FromResult(Many(new Seeds(First: (ulong)Stopwatch.GetTimestamp() % 1_000_000_000, Last: ulong.MaxValue), TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture))));
            case ["--seeds", var range]:
                var ends = range.Split("..");
                return Task.FromResult(Many(new Seeds(ulong.Parse(ends[0], CultureInfo.InvariantCulture), ulong.Parse(ends[^1], CultureInfo.InvariantCulture)), TimeSpan.MaxValue));
            case ["--replay", var scenario]:
                return Task.FromResult(Replay(Scenario.Parse(scenario), turns: false));
            case ["--replay", var scenario, "--turns"]:
                return Task.FromResult(Replay(Scenario.Parse(scenario), turns: true));
            default:
                Console.Error.WriteLine(Usage);
                return Task.FromResult(2);
        }
    }

    static int Replay(Scenario scenario, bool turns)
    {
        var world = new World(scenario, trace: true, turns);
        var result = world.Run();
        foreach (var line in world.Traced)
            Console.WriteLine(line);
        Console.WriteLine($"{result}");
        return result.Violation is null ? 0 : 1;
    }

    static int Many(Seeds seeds, TimeSpan time)
    {
        var runner = new Runner();
        var totals = runner.Run(seeds, time);
        Console.WriteLine(JsonSerializer.Serialize(totals, Totals.Json));
        return totals.Violations == 0 ? 0 : 1;
    }
}
