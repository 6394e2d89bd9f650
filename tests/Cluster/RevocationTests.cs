using System.Diagnostics;
using Xunit.Abstractions;

namespace SessionManager.Tests;

/// <summary>What is taken from a key at one front end is taken from it at every other by the time the answer is there.</summary>
public sealed class RevocationTests(ITestOutputHelper output) : IAsyncLifetime
{
    const string Path = "/api/sessions?limit=1";
    const int Rounds = 100;

    LocalCluster cluster = null!;
    Roster roster = null!;

    public async Task InitializeAsync()
    {
        cluster = await LocalCluster.Start(silos: 2, new Dictionary<string, string>
        {
            ["Accounts__RequestsPerMinute"] = "100000000",
            ["Logins__HashIterations"] = "1000",
        });
        roster = new Roster(cluster);
    }

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [ClusterFact]
    public async Task Revocation_the_toggle_and_suspension_hold_at_the_next_request_at_every_front_end_for_the_key_and_its_tokens()
    {
        var took = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var account = await roster.Make(limit: 1);
            var token = (await Wire.Get<Token>(HttpMethod.Post, Other(round), "/auth/token", null, new { api_key = account.Key })).AccessToken;
            string[] credentials = [account.Key, token];
            await Expect(200, round, credentials);

            var user = $"/api/admin/users/{account.Id}";
            await Change(round, HttpMethod.Patch, user, new { api_keys_enabled = false });
            await Expect(403, round, credentials);
            await Change(round, HttpMethod.Patch, user, new { api_keys_enabled = true });
            await Expect(200, round, credentials);
            await Change(round, HttpMethod.Patch, user, new { suspended = true, reason = "test" });
            await Expect(403, round, [.. credentials, account.Login]);
            await Change(round, HttpMethod.Patch, user, new { suspended = false });
            await Expect(200, round, credentials);
            var watch = Stopwatch.StartNew();
            await Change(round, HttpMethod.Delete, $"{user}/keys/{account.KeyId}", null);
            took.Add(watch.Elapsed.TotalMilliseconds);
            await Expect(401, round, credentials);
        }

        took.Sort();
        output.WriteLine($"A revocation took {took[Rounds / 2]:F1} ms (median), {took[^2]:F1} ms (99th of 100); the next request was refused each time.");
    }

    /// <summary>
    /// A paused silo still believes in the keys it had. Once it is given up another revokes one; continued, the old one ends
    /// itself as soon as it reads the membership table, and has this long to do so.
    /// </summary>
    [ClusterFact]
    public async Task A_silo_that_slept_through_a_revocation_lets_the_key_in_for_no_longer_than_it_takes_to_notice_that_it_is_dead()
    {
        var accounts = await roster.Make(20, limit: 1);
        foreach (var account in accounts)
            await Expect(200, 0, [account.Key]);
        var zombie = cluster.Silos[0];
        LocalCluster.Pause(zombie);
        foreach (var account in accounts)
        {
            await Eventually.Holds("the key is revoked", TimeSpan.FromSeconds(60), async () =>
                (await Wire.Send(HttpMethod.Delete, cluster.Apis[1], $"/api/admin/users/{account.Id}/keys/{account.KeyId}", await roster.Admin)).Status is 204 or 404);
        }

        LocalCluster.Continue(zombie);
        var watch = Stopwatch.StartNew();
        var (asked, letIn, last) = (0, 0, TimeSpan.Zero);
        var ended = cluster.Ended(zombie);
        while (!ended.IsCompleted || watch.Elapsed < TimeSpan.FromSeconds(5))
        {
            foreach (var api in cluster.Apis)
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
        }

        await ended;
        output.WriteLine($"{letIn} of {asked} requests were let in; the last began {last.TotalMilliseconds:F0} ms after the silo was continued.");
        Assert.InRange(last, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    async Task Change(int round, HttpMethod method, string path, object? body)
    {
        var answer = await Wire.Send(method, cluster.Apis[round % 2], path, await roster.Admin, body);
        Assert.True(answer.Status is 200 or 204, $"{method} {path}: {answer.Status} {answer.Body}");
    }

    /// <summary>At the front end that was not asked for the change first, then at the other.</summary>
    async Task Expect(int status, int round, string[] credentials)
    {
        foreach (var api in new[] { Other(round), cluster.Apis[round % 2] })
        {
            foreach (var credential in credentials)
            {
                var answer = await Wire.Send(HttpMethod.Get, api, Path, credential);
                Assert.True(answer.Status == status, $"{api}: {answer.Status} instead of {status}: {answer.Body}");
            }
        }
    }

    Uri Other(int round) => cluster.Apis[1 - round % 2];

    sealed record Token(string AccessToken);
}
