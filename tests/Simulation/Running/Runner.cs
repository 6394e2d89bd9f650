using System.Diagnostics;
using System.Text.Json;

namespace SessionManager.Simulation;

readonly record struct Seeds(ulong First, ulong Last);

/// <summary>What a run of many seeds came to.</summary>
sealed record Totals(long Seeds, double SimulatedHours, long Lives, long Crashes, long Violations, double WallSeconds)
{
    public static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}

/// <summary>Runs seed after seed, a thread for each processor. A world stays on its thread.</summary>
sealed class Runner(int? threads = null)
{
    readonly Lock _lock = new();
    long _seeds;
    long _lives;
    long _crashes;
    TimeSpan _simulated;

    public List<RunResult> Failures { get; } = [];

    /// <summary>After so many failures no more seeds are begun.</summary>
    public int StopAt { get; init; } = 10;

    /// <summary>No more than so many worlds are run.</summary>
    public long MostWorlds { get; init; } = long.MaxValue;

    /// <summary>Which promise, if it is broken, is a failure.</summary>
    public Func<string, bool> Counts { get; init; } = _ => true;

    /// <summary>Runs that broke a promise which does not count, by the promise.</summary>
    public SortedDictionary<string, long> Others { get; } = new(StringComparer.Ordinal);

    public bool IsQuiet { get; init; }

    /// <summary>Only worlds that have this fault are run.</summary>
    public Fault Needs { get; init; }

    /// <summary>Only worlds with this emphasis are run; with none, all.</summary>
    public Emphasis In { get; init; }

    /// <summary>No crowds and no nights: many more worlds in the same time.</summary>
    public bool OnlySmall { get; init; }

    /// <summary>What the session store does wrong.</summary>
    public StoreDefect Defect { get; init; }

    public Totals Run(Seeds seeds, TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        var next = seeds.First;
        var workers = Enumerable.Range(0, threads ?? Environment.ProcessorCount).Select(_ => new Thread(Work)).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
        return new Totals(_seeds, Math.Round(_simulated.TotalHours, 1), _lives, _crashes, Failures.Count, Math.Round(clock.Elapsed.TotalSeconds, 1));

        void Work()
        {
            while (true)
            {
                ulong seed;
                lock (_lock)
                {
                    if (next > seeds.Last || clock.Elapsed > time || Failures.Count >= StopAt || _seeds >= MostWorlds)
                        return;
                    seed = next++;
                }

                var scenario = new Scenario(seed);
                if (!IsWanted(new Plan(scenario)))
                    continue;
                var result = OwnThread.Run(scenario, Defect);
                lock (_lock)
                {
                    _seeds++;
                    _lives += result.Lives;
                    _crashes += result.Crashes;
                    _simulated += result.Simulated;
                    if (result.Violation is not { } violation)
                        continue;
                    if (!Counts(violation.Check))
                    {
                        Others[violation.Check] = Others.GetValueOrDefault(violation.Check) + 1;
                        continue;
                    }

                    Failures.Add(result);
                    if (!IsQuiet)
                        Console.WriteLine($"seed {seed}: '{violation.Check}' at step {violation.Step}, {violation.At}: {violation.What} [{new Plan(result.Scenario).Faults}]");
                }
            }
        }
    }

    bool IsWanted(Plan plan) => (Needs == Fault.None || plan.Has(Needs)) && (In == Emphasis.None || plan.Emphasis == In)
        && !(OnlySmall && (plan.HasNight || (plan.Crowd > 1 && In == Emphasis.None)));
}
