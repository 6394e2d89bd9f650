using System.Diagnostics;
using Xunit.Abstractions;

namespace SessionManager.Tests;

/// <summary>What callers notice when a part of the cluster fails: errors that tell them to come again, for a bounded time, and no lie.</summary>
public sealed class FailureTests(ITestOutputHelper output) : IAsyncLifetime
{
    static readonly TimeSpan Sweep = TimeSpan.FromSeconds(5);

    /// <summary>How long callers may have to repeat themselves.</summary>
    static readonly TimeSpan Outage = TimeSpan.FromSeconds(30);

    LocalCluster cluster = null!;
    Load load = null!;
    Roster roster = null!;

    public async Task InitializeAsync()
    {
        cluster = await LocalCluster.Start(silos: 3, new Dictionary<string, string>
        {
            ["Accounts__RequestsPerMinute"] = "100000000",
            ["Logins__HashIterations"] = "1000",
            ["Demo__NodeCapacity"] = "100000",
            ["Sessions__SweepSeconds"] = $"{Sweep.TotalSeconds}",
        });
        load = new Load(cluster);
        roster = new Roster(cluster);
    }

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [ClusterFact]
    public async Task A_silo_killed_in_the_middle_of_2000_mints_loses_no_acknowledged_session_and_leaks_no_slot()
    {
        const int each = 50;
        var accounts = await roster.Make(40, limit: each);
        var minting = load.Mint(accounts, each, width: 32);
        await Eventually.Holds("a quarter is minted", Outage, () => Task.FromResult(load.Live.Count >= 500));
        cluster.Kill(cluster.Silos[0]);
        await minting;

        output.WriteLine($"{load.Live.Count} sessions; {load.Failures} answers to come again; the longest mint took {load.LongestMint}");
        Assert.Equal(accounts.Length * each, load.Live.Count);
        Assert.InRange(load.LongestMint, TimeSpan.Zero, Outage);
        await load.AssertKnown();
        await load.AssertSlots(accounts, Sweep + Sweep);
        foreach (var account in accounts)
            Assert.Null(await load.Mint(account));
    }

    [ClusterFact]
    public async Task A_silo_paused_until_it_is_given_up_and_then_continued_changes_nothing_any_more()
    {
        var accounts = await roster.Make(24, limit: 5);
        using var stop = new CancellationTokenSource();
        var churning = load.Churn(accounts, stop.Token);
        var zombie = cluster.Silos[0];
        LocalCluster.Pause(zombie);

        // Once every account mints again, others answer for the grains that the paused one still believes it has.
        var failures = load.Failures;
        var outage = await AwaitMints(accounts);
        output.WriteLine($"Given up after {outage}; {load.Failures - failures} answers to come again");
        LocalCluster.Continue(zombie);
        await cluster.Ended(zombie);
        await stop.CancelAsync();
        await churning;

        Assert.InRange(load.LongestMint, TimeSpan.Zero, Outage);
        await load.AssertKnown();
        await load.AssertSlots(accounts, Sweep + Sweep);
    }

    [ClusterFact]
    public async Task The_database_restarted_under_load_costs_errors_while_it_is_away_and_nothing_else()
    {
        var accounts = await roster.Make(24, limit: 5);
        using var stop = new CancellationTokenSource();
        var churning = load.Churn(accounts, stop.Token);
        await AwaitMints(accounts);
        var watch = Stopwatch.StartNew();
        await cluster.RestartPostgres();
        var away = watch.Elapsed;
        var recovered = await AwaitMints(accounts);
        await stop.CancelAsync();
        await churning;

        output.WriteLine($"Away for {away}, all accounts minted {recovered} later; {load.Failures} answers to come again");
        Assert.InRange(load.LongestMint, TimeSpan.Zero, away + Outage);
        await load.AssertKnown();
        await load.AssertSlots(accounts, Sweep + Sweep);
    }

    [ClusterFact]
    public async Task Silos_restarted_one_after_the_other_fail_no_request()
    {
        var accounts = await roster.Make(24, limit: 5);
        using var stop = new CancellationTokenSource();
        var churning = load.Churn(accounts, stop.Token);
        foreach (var silo in cluster.Silos.ToArray())
        {
            await AwaitMints(accounts);
            await cluster.AddSilo();
            await cluster.Stop(silo);
        }

        await AwaitMints(accounts);
        await stop.CancelAsync();
        await churning;
        output.WriteLine($"The longest mint took {load.LongestMint}");
        Assert.Equal(0, load.Failures);
        await load.AssertKnown();
    }

    /// <summary>Waits until each account has answered a request to mint that was made after now.</summary>
    async Task<TimeSpan> AwaitMints(IEnumerable<Account> accounts)
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(accounts.Select(async account =>
        {
            if (await load.Mint(account) is { } id)
                await load.Drop(id);
        }));
        return watch.Elapsed;
    }
}
