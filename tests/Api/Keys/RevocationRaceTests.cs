using System.Diagnostics;
using System.Net;
using SessionManager.Keys;
using SessionManager.Storage;
using SessionManager.Tests.Users;
using Xunit.Abstractions;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Keys;

public class RevocationRaceTests(ITestOutputHelper output)
{
    const int Races = 1_000;
    const int AtATime = 20;

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_thousand_revocations_racing_uses_never_let_one_in_that_began_after_the_revocation_was_answered(StorageProvider storage)
    {
        await using var server = await TestServer.Start(storage, "--Keys:MaxPerAccount", "10000");
        var user = await TestUser.WithKeys(server);
        var keys = new List<(string Id, string Key)>();
        for (var made = 0; made < Races; made += AtATime)
            keys.AddRange(await Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => user.NewKey(Scopes.ProfileRead))));

        var races = new List<Race>();
        foreach (var together in keys.Chunk(AtATime))
            races.AddRange(await Task.WhenAll(together.Select(key => Run(user, key.Id, key.Key))));

        Assert.Equal(0, races.Sum(race => race.LetInAfterwards));
        Assert.Equal(Races, races.Count);
        Assert.True(races.Sum(race => race.LetIn) > Races / 2, "Too few uses came before their revocation for this to be a race.");
        var took = races.Select(race => race.Took.TotalMilliseconds).Order().ToArray();
        output.WriteLine(
            $"{storage}: {races.Sum(race => race.LetIn)} uses let in before, {races.Sum(race => race.Refused)} refused; "
            + $"a revocation took {took[Races / 2]:F1} ms (median), {took[Races * 99 / 100]:F1} ms (99th of 100); none was let in after it.");
    }

    /// <summary>Two with the key and two with a token got for it go on until they are refused, while the key is revoked.</summary>
    static async Task<Race> Run(TestUser user, string id, string key)
    {
        var token = await user.Exchanged(key);
        var revoked = false;
        int letIn = 0, afterwards = 0, refused = 0;
        var users = new[] { user.With(key), user.With(key), token, token }.Select(async caller =>
        {
            while (true)
            {
                var beganAfterwards = Volatile.Read(ref revoked);
                using var response = await caller.Get("/api/users/me");
                if (response.StatusCode == HttpStatusCode.Unauthorized)
                {
                    Interlocked.Increment(ref refused);
                    return;
                }

                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Interlocked.Increment(ref letIn);
                if (beganAfterwards)
                    Interlocked.Increment(ref afterwards);
            }
        }).ToArray();

        var clock = Stopwatch.StartNew();
        using (var response = await user.Login.Delete($"/api/users/me/keys/{id}"))
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Volatile.Write(ref revoked, true);
        var took = clock.Elapsed;
        await Task.WhenAll(users);
        return new Race(letIn, afterwards, refused, took);
    }

    sealed record Race(int LetIn, int LetInAfterwards, int Refused, TimeSpan Took);
}
