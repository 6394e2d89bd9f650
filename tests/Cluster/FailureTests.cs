using System.Diagnostics;
using Xunit.Abstractions;

namespace SessionManager.Tests;

/// <summary>What callers notice when a part of the cluster fails: errors that tell them to come again, for a bounded time, and no lie.</summary>
[Collection(SharedCluster.Name)]
public sealed class FailureTests(PlainCluster fixture, ITestOutputHelper output) : ClusterTest(fixture)
{
    [ClusterFact]
    public async Task A_silo_killed_in_the_middle_of_2000_mints_loses_no_acknowledged_session_and_leaks_no_slot()
    {
        const int each = 50;
        var accounts = await Roster.Make(40, limit: each);
        var minting = Load.Mint(accounts, each, width: 32);
        await Eventually.Holds("a quarter is minted", Outage, () => Task.FromResult(Load.Live.Count >= 500));
        Cluster.Kill(Cluster.Silos[0]);
        await minting;

        output.WriteLine($"{Load.Live.Count} sessions; {Load.Failures} answers to come again; the longest mint took {Load.LongestMint}");
        Assert.Equal(accounts.Length * each, Load.Live.Count);
        Assert.InRange(Load.LongestMint, TimeSpan.Zero, Outage);
        await Load.AssertKnown();
        await Load.AssertSlots(accounts, SlotsRight);
        foreach (var account in accounts)
            Assert.Null(await Load.Mint(account));
    }

    [ClusterFact]
    public async Task The_database_restarted_under_load_costs_errors_while_it_is_away_and_nothing_else()
    {
        var accounts = await Roster.Make(24, limit: 5);
        using var stop = new CancellationTokenSource();
        var churning = Load.Churn(accounts, stop.Token);
        await Load.AwaitMints(accounts);
        var watch = Stopwatch.StartNew();
        await Cluster.RestartPostgres();
        var away = watch.Elapsed;
        var recovered = await Load.AwaitMints(accounts);
        await stop.CancelAsync();
        await churning;

        output.WriteLine($"Away for {away}, all accounts minted {recovered} later; {Load.Failures} answers to come again");
        Assert.InRange(Load.LongestMint, TimeSpan.Zero, away + Outage);
        await Load.AssertKnown();
        await Load.AssertSlots(accounts, SlotsRight);
    }

    [ClusterFact]
    public async Task Silos_restarted_one_after_the_other_fail_no_mint()
    {
        var accounts = await Roster.Make(24, limit: 5);
        using var stop = new CancellationTokenSource();
        var churning = Load.Churn(accounts, stop.Token);
        foreach (var silo in Cluster.Silos.ToArray())
        {
            await Load.AwaitMints(accounts);
            await Cluster.AddSilos(1);
            await Cluster.Stop(silo);
        }

        await Load.AwaitMints(accounts);
        await stop.CancelAsync();
        await churning;
        output.WriteLine($"The longest mint took {Load.LongestMint}; {Load.Failures} answers to come again, {Load.FailedMints.Count} of them to mints");
        Assert.Empty(Load.FailedMints);
        await Load.AssertKnown();
    }
}
