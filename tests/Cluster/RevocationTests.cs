using System.Diagnostics;
using Xunit.Abstractions;

namespace SessionManager.Tests;

/// <summary>What is taken from a key at one front end is taken from it at every other by the time the answer is there.</summary>
[Collection(SharedCluster.Name)]
public sealed class RevocationTests(PlainCluster fixture, ITestOutputHelper output) : ClusterTest(fixture)
{
    const string Path = "/api/sessions?limit=1";
    const int Rounds = 60;

    [ClusterFact]
    public async Task Revocation_the_toggle_and_suspension_hold_at_the_next_request_at_every_front_end_for_the_key_and_its_tokens()
    {
        var took = new double[Rounds];
        await Parallel.ForAsync(0, Rounds, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (round, _) =>
        {
            var account = await Roster.Make(limit: 1);
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
            var login = await Roster.LogInAgain(Cluster.Apis[0], account);
            var watch = Stopwatch.StartNew();
            // By an administrator and by the key's owner in turn.
            if (round % 4 < 2)
                await Change(round, HttpMethod.Delete, $"{user}/keys/{account.KeyId}", null);
            else
                await Change(round, HttpMethod.Delete, $"/api/users/me/keys/{account.KeyId}", null, login);
            Assert.Equal(401, (await Wire.Send(HttpMethod.Get, Other(round), Path, account.Key)).Status);
            took[round] = watch.Elapsed.TotalMilliseconds;
            await Expect(401, round, credentials);
        });

        Array.Sort(took);
        output.WriteLine($"From asking for a revocation to the other front end's refusal: {took[Rounds / 2]:F0} ms (median), {took[^1]:F0} ms at most");
    }

    async Task Change(int round, HttpMethod method, string path, object? body, string? login = null)
    {
        var answer = await Wire.Send(method, Cluster.Apis[round % 2], path, login ?? await Roster.Admin, body);
        Assert.True(answer.Status is 200 or 204, $"{method} {path}: {answer.Status} {answer.Body}");
    }

    /// <summary>At the front end that was not asked for the change first, then at the other.</summary>
    async Task Expect(int status, int round, string[] credentials)
    {
        foreach (var api in new[] { Other(round), Cluster.Apis[round % 2] })
        {
            foreach (var credential in credentials)
            {
                var answer = await Wire.Send(HttpMethod.Get, api, Path, credential);
                Assert.True(answer.Status == status, $"{api}: {answer.Status} instead of {status}: {answer.Body}");
            }
        }
    }

    Uri Other(int round) => Cluster.Apis[1 - round % 2];

    sealed record Token(string AccessToken);
}
