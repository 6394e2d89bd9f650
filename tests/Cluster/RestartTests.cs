using System.Diagnostics;
using System.Text.Json;
using Xunit.Abstractions;

namespace SessionManager.Tests;

/// <summary>When no process is left that remembers anything, the database and the reminders do.</summary>
public sealed class RestartTests(RestartTests.BriefSessions fixture, ITestOutputHelper output)
    : ClusterTest(fixture), IClassFixture<RestartTests.BriefSessions>
{
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(25);

    /// <summary>Sessions that nobody connects to end while the test looks on.</summary>
    public sealed class BriefSessions() : ClusterFixture(silos: 2, frontEnds: 1, ("Sessions__TokenSeconds", "20"), ("Sessions__IdleSeconds", "25"));

    [ClusterFact]
    public async Task All_silos_killed_and_started_again_end_every_session_in_time_and_serve_callers_meanwhile()
    {
        var accounts = await Roster.Make(15, limit: 20);
        var minted = Stopwatch.StartNew();
        await Load.Mint(accounts, each: 20, width: 16);
        var killed = Cluster.Silos.ToArray();
        foreach (var silo in killed)
            Cluster.Kill(silo);
        var down = Stopwatch.StartNew();
        await Cluster.AddSilos(killed.Length);
        var ready = down.Elapsed;

        // The lists are read from the journal: nothing here wakes a session, it must end by itself.
        await Eventually.Holds("no session is left provisioned", Idle + ready + SlotsRight, async () =>
        {
            foreach (var account in accounts)
            {
                var page = (await Load.Insist(HttpMethod.Get, "/api/sessions?state=provisioned", account.Key, null)).Read<JsonElement>();
                if (page.GetProperty("data").GetArrayLength() > 0)
                    return false;
            }

            return true;
        });
        output.WriteLine($"Silos ready {ready} after all were killed; every session ended {minted.Elapsed} after the first mint");
        Load.Live.Clear();
        await Load.AssertSlots(accounts, SlotsRight);
        await Load.Mint(accounts, each: 1, width: 16);
    }
}
