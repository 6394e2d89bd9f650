using System.Diagnostics;

namespace SessionManager.Simulation;

/// <summary>What <c>./test</c> runs of the simulation; longer runs and all mutations: docs/simulation.md.</summary>
public sealed class SimulationTests
{
    const ulong FixedSeeds = 50;

    static readonly TimeSpan FreshTime = TimeSpan.FromSeconds(10);

    public static TheoryData<ulong> Regressions => [.. Simulation.Regressions.Seeds];

    [Theory]
    [MemberData(nameof(Regressions))]
    public void A_seed_that_once_found_a_bug_finds_it_no_more(ulong seed)
    {
        var result = OnOwnThread(() => new World(new Scenario(seed)).Run());

        Assert.True(result.Violation is null, Explain(result));
    }

    [Fact]
    public void The_grains_keep_their_promises_for_the_fixed_seeds() =>
        AssertKept(new Runner { StopAt = 1, IsQuiet = true }, new Seeds(1, FixedSeeds), TimeSpan.MaxValue);

    [Fact]
    public void The_grains_keep_their_promises_for_fresh_seeds() =>
        AssertKept(new Runner { StopAt = 1, IsQuiet = true }, new Seeds((ulong)Stopwatch.GetTimestamp(), ulong.MaxValue), FreshTime);

    [Fact]
    public void A_seed_runs_the_same_way_every_time()
    {
        var once = OnOwnThread(() => new World(new Scenario(7)).Run());
        var again = OnOwnThread(() => new World(new Scenario(7)).Run());

        Assert.Equal(once, again);
    }

    [Fact]
    public void A_scenario_is_what_its_text_says()
    {
        var scenario = new Scenario(5) { Salt = 2, Without = Fault.Crash | Fault.Stall, SkippedClients = [0, 1, 2, 7] };

        Assert.Equal("5/salt=2/without=Crash,Stall/skip=0-2,7", scenario.ToString());
        Assert.Equal(scenario.ToString(), Scenario.Parse(scenario.ToString()).ToString());
    }

    [Fact]
    public void Every_mutation_fits_the_grains_and_one_of_them_is_caught()
    {
        foreach (var mutation in MutationList.Grains)
            mutation.Apply(GrainCompiler.Source(mutation));

        var bitten = Assert.Single(MutationRun.Run([.. Mutation.All.Where(mutation => mutation.Name == "a token asked for again lives longer")]));
        Assert.Equal("token life", bitten.Check);
    }

    static void AssertKept(Runner runner, Seeds seeds, TimeSpan time)
    {
        var totals = runner.Run(seeds, time);

        Assert.True(totals.Violations == 0, runner.Failures.Count == 0 ? "" : Explain(runner.Failures[0]));
        Assert.True(totals.Lives > 0, "Nothing was simulated.");
    }

    static string Explain(RunResult failure) =>
        failure.Violation is null ? "" : OnOwnThread(() => CommandLine.Explain(failure, TimeSpan.FromSeconds(20)));

    /// <summary>A test's own thread may carry a synchronization context, and a world must be alone on its own.</summary>
    static T OnOwnThread<T>(Func<T> run)
    {
        T? result = default;
        var thread = new Thread(() => result = run());
        thread.Start();
        thread.Join();
        return result!;
    }
}
