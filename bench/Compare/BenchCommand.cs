using System.CommandLine;
using System.Globalization;

namespace SessionManager.Compare;

/// <summary>What <c>bench/run</c> takes: a wrong argument is told before anything is started.</summary>
static class BenchCommand
{
    static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "How long one measurement takes.",
        DefaultValueFactory = _ => 4,
    };

    static readonly Option<int> Pairs = new("--pairs")
    {
        Description = "How often product and peer take turns; the ratio is the median of the pairs'.",
        DefaultValueFactory = _ => 3,
    };

    static readonly Option<double> WarmUp = new("--warm-up")
    {
        Description = "Seconds of load before a server is measured.",
        DefaultValueFactory = _ => 15,
    };

    static readonly Option<string> Callers = new("--callers")
    {
        Description = "How many call at once, one round for each number.",
        DefaultValueFactory = _ => "1,16,64,256",
    };

    static readonly Option<bool> Cluster = new("--cluster")
    {
        Description = "Measure three silos and two front ends on this machine.",
    };

    static readonly Option<bool> Held = new("--held")
    {
        Description = "Measure what one process holds and keeps in time with 100,000 sessions (seven minutes), and nothing else.",
    };

    public static Task<int> Run(string[] args)
    {
        Positive(Seconds);
        Positive(Pairs);
        Positive(WarmUp);
        Callers.Validators.Add(result =>
        {
            if (CountsIn(result.GetValueOrDefault<string>()).Any(count => count is < 1 or > 10_000))
                result.AddError("--callers takes numbers from 1 to 10000, with commas between them.");
        });
        var command = new RootCommand("Measures mints beside a hand-written service, on a PostgreSQL of its own and on SQLite. About eight minutes.")
        {
            Seconds, Pairs, WarmUp, Callers, Cluster, Held,
        };
        command.SetAction(async (parsed, _) =>
        {
            var bench = new Bench(new(parsed.GetValue(Seconds), parsed.GetValue(Pairs)), parsed.GetValue(WarmUp), CountsIn(parsed.GetValue(Callers)!));
            await (parsed.GetValue(Held) ? Bench.MeasureHeld() : parsed.GetValue(Cluster) ? bench.MeasureCluster() : bench.MeasureServers());
        });
        return command.Parse(args).InvokeAsync();
    }

    static void Positive<T>(Option<T> option)
        where T : IComparable<T> => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<T>() is { } value && value.CompareTo(default) <= 0)
            result.AddError($"{option.Name} takes a number above 0.");
    });

    /// <returns>0 for what is no number.</returns>
    static int[] CountsIn(string? text) =>
        [.. (text ?? "").Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0)];
}
