using System.Diagnostics;
using Xunit.Abstractions;

namespace SessionManager.Tests;

/// <summary>A silo that stands still for so long that the others give it up, and then goes on as if nothing had been.</summary>
[Collection(SharedCluster.Name)]
public sealed class PausedSiloTests(PlainCluster fixture, ITestOutputHelper output) : ClusterTest(fixture)
{
    const string Path = "/api/sessions?limit=1";
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    [ClusterFact]
    public async Task A_silo_paused_until_it_is_given_up_and_then_continued_changes_nothing_any_more()
    {
        var accounts = await Roster.Make(24, limit: 5);
        using var stop = new CancellationTokenSource();
        var churning = Load.Churn(accounts, stop.Token);
        var zombie = Cluster.Silos[0];
        LocalCluster.Pause(zombie);

        // Once every account mints again, others answer for the grains that the paused one still believes it has.
        var failures = Load.Failures;
        var outage = await Load.AwaitMints(accounts);
        output.WriteLine($"Given up after {outage}; {Load.Failures - failures} answers to come again");
        LocalCluster.Continue(zombie);
        await Cluster.Ended(zombie);
        await stop.CancelAsync();
        await churning;

        Assert.InRange(Load.LongestMint, TimeSpan.Zero, Outage);
        await Load.AssertKnown();
        await Load.AssertSlots(accounts, SlotsRight);
    }

    /// <summary>
    /// A paused silo still believes in the keys it had. Once it is given up another revokes one; continued, the old one ends
    /// itself as soon as it reads the membership table, and has this long to do so.
    /// </summary>
    [ClusterFact]
    public async Task A_silo_that_slept_through_a_revocation_lets_the_key_in_for_no_longer_than_it_takes_to_notice_that_it_is_dead()
    {
        var accounts = await Roster.Make(20, limit: 1);
        foreach (var account in accounts)
            Assert.Equal(200, (await Wire.Send(HttpMethod.Get, Cluster.Apis[0], Path, account.Key)).Status);
        var zombie = Cluster.Silos[0];
        LocalCluster.Pause(zombie);
        foreach (var account in accounts)
        {
            await Eventually.Holds("the key is revoked", TimeSpan.FromSeconds(60), async () =>
                (await Wire.Send(HttpMethod.Delete, Cluster.Apis[1], $"/api/admin/users/{account.Id}/keys/{account.KeyId}", await Roster.Admin)).Status is 204 or 404);
        }

        LocalCluster.Continue(zombie);
        var watch = Stopwatch.StartNew();
        var (asked, letIn, last) = (0, 0, TimeSpan.Zero);
        var ended = Cluster.Ended(zombie);
        while (!ended.IsCompleted || watch.Elapsed < TimeSpan.FromSeconds(5))
        {
            foreach (var api in Cluster.Apis)
            {
                foreach (var account in accounts)
                {
                    asked++;
                    var began = watch.Elapsed;
                    if ((await Wire.Send(HttpMethod.Get, api, Path, account.Key)).Status != 200)
                        continue;
                    letIn++;
                    last = began;
                }
            }

            await Task.Delay(Pause);
        }

        await ended;
        output.WriteLine($"{letIn} of {asked} requests were let in; the last began {last.TotalMilliseconds:F0} ms after the silo was continued.");
        Assert.InRange(last, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }
}
