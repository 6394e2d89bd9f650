using SessionManager.Client;
using SessionManager.Keys;
using SessionManager.Tests.Users;

namespace SessionManager.Tests.Client;

/// <summary>The .NET client, against the real server.</summary>
public class ClientTests
{
    [Fact]
    public async Task A_caller_and_a_node_take_a_session_through_its_life()
    {
        await using var server = await TestServer.Start();
        using var node = Of(server, await (await TestAccount.Open(server, admin: true)).Key(Scopes.NodesReport));
        var account = await TestAccount.Open(server);
        using var caller = Of(server, await account.Key(Scopes.SessionsRead, Scopes.SessionsWrite));
        using var watcher = Of(server, await account.Key(Scopes.NodesRead));

        Assert.Equal(TimeSpan.FromSeconds(15), await node.Nodes.RegisterAsync("n1", new("eu", "m1", 10, new Capabilities(ImageToVideo: true))));
        Assert.Equal("eu", Assert.Single(await caller.Credentials.GetRegionsAsync()).Id);
        var minted = await caller.Credentials.CreateAsync(
            new() { RegionLatencies = new Dictionary<string, double> { ["eu"] = 12.5 }, NeedsImageToVideo = true });
        Assert.True(minted.Capabilities!.ImageToVideo);
        Assert.Equal([minted.SessionId], (await node.Nodes.HeartbeatAsync("n1", [])).Expected);

        Assert.Equal(
            SessionStates.Connected, (await node.Nodes.ReportConnectedAsync("n1", minted.SessionId, minted.SessionToken, "c1")).State);
        Assert.Equal(SessionStates.Dropped, (await node.Nodes.ReportDisconnectedAsync("n1", minted.SessionId, "c1", clean: true)).State);
        var read = await caller.Sessions.GetAsync(minted.SessionId);
        Assert.Equal("client_disconnected", read.Reason);
        Assert.Equal(["minted", "token_issued", "connected", "dropped"], read.Events!.Select(e => e.Type));
        Assert.Equal(
            [minted.SessionId], await caller.Sessions.ListAsync(new() { State = SessionStates.Dropped }).Select(session => session.SessionId).ToArrayAsync());

        await node.Nodes.DrainAsync("n1");
        Assert.True((await watcher.Nodes.GetAsync("n1")).Draining);
        await node.Nodes.UndrainAsync("n1");
        Assert.Equal([("n1", false)], await watcher.Nodes.ListAsync(new() { Region = "eu" }).Select(one => (one.NodeId, one.Draining)).ToArrayAsync());
        await node.Nodes.DrainAsync("n1");
        var refused = await Assert.ThrowsAsync<NoStreamerAvailableException>(() => caller.Credentials.CreateAsync());
        Assert.Equal(TimeSpan.FromSeconds(1), refused.RetryAfter);
        await node.Nodes.DeleteAsync("n1");
        Assert.Empty(await caller.Credentials.GetRegionsAsync());
    }

    [Fact]
    public async Task A_broadcast_is_started_shared_and_ended()
    {
        await using var server = await TestServer.Start();
        var administrator = await TestAccount.Open(server, admin: true);
        using var node = Of(server, await administrator.Key(Scopes.NodesReport));
        using var admin = Of(server, await administrator.Login());
        using var owner = Of(
            server, await (await TestAccount.Open(server)).Key(Scopes.SessionsWrite, Scopes.BroadcastsRead, Scopes.BroadcastsWrite));
        await node.Nodes.RegisterAsync("n1", new("eu", "m1", 10));
        var minted = await owner.Credentials.CreateAsync();
        await node.Nodes.ReportConnectedAsync("n1", minted.SessionId, minted.SessionToken, "c1");

        var started = await node.Nodes.StartBroadcastAsync("n1", minted.SessionId, "https://cdn.example/x.m3u8");
        var live = await owner.Broadcasts.GetAsync(started.BroadcastId);
        Assert.Equal((minted.SessionId, "n1", "live", started.BroadcastUrl), (live.SessionId, live.NodeId, live.State, live.HlsUrl));
        Assert.Equal([live], (await owner.Broadcasts.ListPageAsync(new() { State = "live" })).Data);
        Assert.Equal([live], (await admin.Broadcasts.ListEveryonesPageAsync()).Data);
        var shared = await owner.Broadcasts.CreateTokenAsync(live.BroadcastId, new() { TtlSeconds = 60, MaxViewers = 2 });
        Assert.Equal((60, started.WebrtcUrl), (shared.ExpiresIn, shared.WebrtcUrl));

        Assert.Equal("ended", (await owner.Broadcasts.EndAsync(live.BroadcastId)).State);
        Assert.Empty((await owner.Broadcasts.ListPageAsync(new() { State = "live" })).Data);
        var another = await node.Nodes.StartBroadcastAsync("n1", minted.SessionId);
        Assert.Equal("ended", (await admin.Broadcasts.EndAnyonesAsync(another.BroadcastId)).State);
        var refused = await Assert.ThrowsAsync<SessionManagerApiException>(() => owner.Broadcasts.CreateTokenAsync(another.BroadcastId));
        Assert.Equal("broadcast_ended", refused.Code);
    }

    [Fact]
    public async Task Sessions_are_read_page_by_page()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server, capacity: 1_000);
        var account = await TestAccount.Open(server, maxConcurrent: 1_000);
        using var caller = Of(server, await account.Key(Scopes.SessionsRead, Scopes.SessionsWrite));
        var options = new CreateCredentialsOptions { RegionLatencies = new Dictionary<string, double> { [node.Region] = 1 } };
        var minted = await Task.WhenAll(Enumerable.Range(0, 201).Select(_ => caller.Credentials.CreateAsync(options)));
        var listed = await caller.Sessions.ListAsync().Select(session => session.SessionId).ToArrayAsync();
        Assert.Equal(minted.Select(session => session.SessionId).Order(), listed.Order());
    }

    [Fact]
    public async Task An_administrator_sets_up_a_server_and_manages_users_and_their_keys()
    {
        await using var server = await TestServer.Start();
        string? token = null;
        using var client = new SessionManagerClient(
            new SessionManagerClientOptions { CredentialProvider = _ => ValueTask.FromResult(token) }, server.Http);
        var root = await client.Auth.SetUpAsync("root", TestUser.DefaultPassword);
        Assert.True(root.IsAdmin);
        token = (await client.Auth.LogInAsync("root", TestUser.DefaultPassword)).Token;
        Assert.Equal(root, await client.Users.GetMeAsync());

        var ada = await client.Admin.Users.CreateAsync("ada", TestUser.DefaultPassword);
        var changed = await client.Admin.Users.UpdateAsync(ada.Id, new() { ApiKeysEnabled = true, MonthlyHours = 10, MaxStreamSeconds = 60 });
        Assert.Equal((true, 10, 60), (changed.ApiKeysEnabled, changed.MonthlyHours, changed.MaxStreamSeconds));
        changed = await client.Admin.Users.UpdateAsync(ada.Id, new() { MonthlyHours = Limit.None });
        Assert.Equal((null, 60), (changed.MonthlyHours, changed.MaxStreamSeconds));
        Assert.Equal(["ada", "root"], await client.Admin.Users.ListAsync().Select(user => user.Username).ToArrayAsync());

        token = (await client.Auth.LogInAsync("ada", TestUser.DefaultPassword)).Token;
        var key = await client.Keys.CreateAsync(new() { Name = "mine", Scopes = [KeyScopes.SessionsWrite] });
        Assert.DoesNotContain(key.Key, $"{key}", StringComparison.Ordinal);
        Assert.Equal(KeyScopes.SessionsWrite, (await client.Auth.ExchangeKeyAsync(key.Key)).Scope);
        var successor = await client.Keys.RotateAsync(key.Id, TimeSpan.FromMinutes(5));
        Assert.Equal([key.Id, successor.Id], (await client.Keys.ListAsync()).Select(listed => listed.Id));
        await client.Keys.RevokeAsync(key.Id, dropSessions: true);

        token = (await client.Auth.LogInAsync("root", TestUser.DefaultPassword)).Token;
        Assert.Equal("mine", Assert.Single(await client.Admin.Users.ListKeysAsync(ada.Id)).Name);
        await client.Admin.Users.RevokeKeyAsync(ada.Id, successor.Id);
        Assert.Empty(await client.Admin.Users.ListKeysAsync(ada.Id));
        var audit = await client.Admin.Audit.ListPageAsync(new() { Action = "key.revoke", Limit = 1 });
        Assert.Equal((successor.Id, root.Id), (Assert.Single(audit.Data).Target, audit.Data[0].Actor));
        Assert.NotNull(audit.Cursor);
        Assert.Empty((await client.Admin.Sessions.ListPageAsync()).Data);
        Assert.Equal(0, (await client.Usage.GetAsync()).ActiveCount);
    }

    static SessionManagerClient Of(TestServer server, string credential) => new(server.Address, credential);
}
