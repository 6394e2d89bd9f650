using SessionManager.Client;

namespace SessionManager.Tests;

/// <summary>What a page hears, in the published client's words, when the other side ends a stream.</summary>
[Collection(Stage.Name)]
public sealed class EndingTests(Stage stage)
{
    const string StreamerGone = "onError Streamer has disconnected.";
    const string Region = "near";

    [BrowserFact]
    public async Task A_session_at_its_longest_duration_is_told_so()
    {
        const string Password = "a long enough password";
        var id = (await stage.Admin.Admin.Users.CreateAsync("brief", Password)).Id;
        var login = await stage.Admin.Auth.LogInAsync("brief", Password);
        using var user = new SessionManagerClient(stage.Server.Address, login.Token);
        var credentials = await user.Credentials.CreateAsync();
        var page = await stage.Open();
        await page.Connect(credentials);
        // Only now: however long connecting takes, it is not at its end before.
        await stage.Admin.Admin.Users.UpdateAsync(id, new UpdateUserOptions { MaxStreamSeconds = 1 });
        await page.Hears("onError Connection exceeded maximum allowed duration.");
        Assert.Contains("onStatusChange failed", await page.Events());

        var session = await user.Sessions.GetAsync(credentials.SessionId);
        Assert.Equal(("dropped", "duration_limit"), (session.State, session.Reason));
        await page.Page.CloseAsync();
    }

    [BrowserFact]
    public async Task A_session_that_is_ended_by_its_owner_loses_its_streamer()
    {
        var credentials = await stage.Client.Credentials.CreateAsync();
        var page = await stage.Open();
        await page.Connect(credentials);
        await stage.Client.Sessions.DropAsync(credentials.SessionId);
        await page.Hears(StreamerGone);
        await page.Page.CloseAsync();
    }

    [BrowserFact]
    public async Task A_node_that_is_killed_for_good_takes_its_sessions_with_it_when_its_lease_ends()
    {
        var (page, credentials) = await PlayOn("killed-node");
        await page.Hears(StreamerGone);
        var session = await Eventually.Get(
            () => stage.Client.Sessions.GetAsync(credentials.SessionId), session => session.State == SessionStates.Dropped);
        Assert.Equal("node_lost", session.Reason);
        await page.Page.CloseAsync();
    }

    [BrowserFact]
    public async Task A_node_that_restarts_under_a_running_page_sends_it_away_to_connect_again()
    {
        var (page, credentials) = await PlayOn("restarted-node");
        using var again = await StreamerProcess.Start(stage.Server, "restarted-node", Region);
        await page.Hears(StreamerGone);

        await page.Connect(credentials);
        await page.Frames(3);
        await page.Page.CloseAsync();
    }

    /// <summary>A page that plays from a node of its own, which then is killed.</summary>
    async Task<(ClientPage Page, ClientCredentials Credentials)> PlayOn(string nodeId)
    {
        using var streamer = await StreamerProcess.Start(stage.Server, nodeId, Region);
        var credentials = await stage.Client.Credentials.CreateAsync(new() { RegionLatencies = new Dictionary<string, double> { [Region] = 1 } });
        Assert.Equal(nodeId, (await stage.Client.Sessions.GetAsync(credentials.SessionId)).NodeId);
        var page = await stage.Open();
        await page.Connect(credentials);
        await page.Frames(2);
        return (page, credentials);
    }
}
