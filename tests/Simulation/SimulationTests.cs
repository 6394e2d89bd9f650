using System.Diagnostics;

namespace SessionManager.Simulation;

/// <summary>What <c>./test</c> runs of the simulation; longer runs and all mutations: docs/simulation.md.</summary>
public sealed class SimulationTests
{
    const ulong FixedSeeds = 50;

    static readonly TimeSpan FreshTime = TimeSpan.FromSeconds(5);

    public static TheoryData<ulong> Regressions => [.. Simulation.Regressions.Seeds];

    [Theory]
    [MemberData(nameof(Regressions))]
    public void A_seed_that_once_found_a_bug_finds_it_no_more(ulong seed)
    {
        var result = OwnThread.Run(new Scenario(seed));

        Assert.True(result.Violation is null, Explain(result));
    }

    [Fact]
    public void The_grains_keep_their_promises_for_the_fixed_seeds() =>
        AssertKept(new Runner { StopAt = 1, IsQuiet = true }, new Seeds(1, FixedSeeds), TimeSpan.MaxValue);

    [Fact]
    public void The_grains_keep_their_promises_for_fresh_seeds() =>
        AssertKept(new Runner { StopAt = 1, IsQuiet = true }, new Seeds((ulong)Stopwatch.GetTimestamp(), ulong.MaxValue), FreshTime);

    /// <summary>The trace is a hash over which of how many turns was picked, each time.</summary>
    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void A_seed_runs_the_same_way_every_time(ulong seed)
    {
        var once = OwnThread.Run(new Scenario(seed));
        var again = OwnThread.Run(new Scenario(seed));

        Assert.Equal(once, again);
        Assert.NotEqual(once.Trace, OwnThread.Run(new Scenario(seed) { Salt = 1 }).Trace);
    }

    [Fact]
    public void A_turn_that_never_ends_is_a_broken_promise_and_holds_up_nobody()
    {
        using var end = new ManualResetEventSlim();

        var result = OwnThread.Run(
            new Scenario(1),
            StoreDefect.None,
            world =>
            {
                end.Wait();
                return world.Run();
            },
            longestTurn: TimeSpan.FromMilliseconds(20));
        end.Set();

        Assert.Equal(Violation.Hang, result.Violation?.Check);
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
        failure.Violation is null ? "" : CommandLine.Explain(failure, TimeSpan.FromSeconds(20));
}
