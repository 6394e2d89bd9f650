using System.Net;
using System.Text.Json.Nodes;
using SessionManager.Api.Tokens;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Nodes;

/// <summary><c>/api/nodes</c></summary>
public class NodeTests
{
    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_registered_node_is_read_as_it_described_itself(StorageProvider storage)
    {
        var server = await TestServer.On(storage);
        var node = await TestNode.Register(server, 7,
            ""","capabilities":{"image_to_video":true},"signaling_url":"wss://n/s","ping_url":"https://n/p","load":0.5""");
        var reader = await (await TestAccount.Open(server)).WithKey(Scopes.NodesRead);

        var read = await reader.Get(node.Path).Json();
        Assert.Equal(node.Id, read.Text("node_id"));
        Assert.Equal(node.Region, read.Text("region"));
        Assert.Equal(7, read.Number("capacity"));
        Assert.Equal(0, read.Number("used"));
        Assert.Equal("wss://n/s", read.Text("signaling_url"));
        Assert.Equal("https://n/p", read.Text("ping_url"));
        Assert.True(read["live"]!.GetValue<bool>());
        Assert.False(read["draining"]!.GetValue<bool>());
        var listed = (await reader.Get($"/api/nodes?region={node.Region}").Json())["data"]!.AsArray().Select(each => each!.AsObject().Text("node_id"));
        Assert.Equal([node.Id], listed);
    }

    [Fact]
    public async Task Registering_again_changes_what_the_node_said_before()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server, 7);
        Assert.Equal("""{"lease_seconds":15}""", (await node.Register(8).Json()).ToJsonString());
        var reader = await (await TestAccount.Open(server)).WithKey(Scopes.NodesRead);
        Assert.Equal(8, (await reader.Get(node.Path).Json()).Number("capacity"));
    }

    [Theory]
    [InlineData("""{}""", "region", "model", "capacity")]
    [InlineData("""{"region":"","model":"","capacity":0}""", "region", "model", "capacity")]
    [InlineData("""{"region":"e u","model":"m\u0000","capacity":-1}""", "region", "model", "capacity")]
    [InlineData("""{"region":"eu","model":"m","capacity":1000001}""", "capacity")]
    [InlineData("""{"region":"eu","model":"m","capacity":1,"load":-0.1}""", "load")]
    [InlineData("""{"region":"eu","model":"m","capacity":1,"load":1.1}""", "load")]
    [InlineData("""{"region":"eu","model":"m","capacity":1,"load":1e999}""", "load")]
    [InlineData("""{"region":"eu","model":"m","capacity":1,"signaling_url":"http://n"}""", "signaling_url")]
    [InlineData("""{"region":"eu","model":"m","capacity":1,"signaling_url":"/s"}""", "signaling_url")]
    [InlineData("""{"region":"eu","model":"m","capacity":1,"ping_url":"javascript:alert(1)"}""", "ping_url")]
    [InlineData("""{"region":"eu","model":"m","capacity":1,"ping_url":"http://user:pass@n"}""", "ping_url")]
    public async Task A_description_that_cannot_be_is_refused_with_all_that_is_wrong(string body, params string[] fields)
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        Assert.Equal(fields, (await node.Caller.Put(node.Path, body).Problem(ErrorCatalogue.InvalidValue)).Fields());
    }

    [Theory]
    [InlineData("""{"capacity":1.5}""", "capacity")]
    [InlineData("""{"capacity":99999999999}""", "capacity")]
    [InlineData("""{"capacity":"1"}""", "capacity")]
    [InlineData("""{"region":1}""", "region")]
    public async Task A_number_or_text_of_another_type_is_refused(string body, string field)
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        Assert.Equal([field], (await node.Caller.Put(node.Path, body).Problem(ErrorCatalogue.MalformedRequest)).Fields());
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a%2Fb")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_node_id_that_cannot_be_is_refused(string id)
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var problem = await node.Caller.Put($"/api/nodes/{id}", """{"region":"eu","model":"m","capacity":1}""").Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(["node_id"], problem.Fields());
        await node.Caller.Post($"/api/nodes/{id}/drain").Problem(ErrorCatalogue.NodeNotFound);
    }

    [Fact]
    public async Task A_node_belongs_to_the_account_that_registered_it_first()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var other = await (await TestAccount.Open(server, admin: true)).WithKey(Scopes.NodesReport);
        await other.Put(node.Path, """{"region":"eu","model":"m","capacity":1}""").Problem(ErrorCatalogue.NodeOwned);
        await other.Post($"{node.Path}/heartbeat", """{"sessions":[]}""").Problem(ErrorCatalogue.NodeOwned);
        await other.Post($"{node.Path}/drain").Problem(ErrorCatalogue.NodeOwned);
        await other.Delete($"{node.Path}/drain").Problem(ErrorCatalogue.NodeOwned);
        var (id, token) = await Mint(server, node);
        await other.Post($"{node.Path}/sessions/{id}/connected", $$"""{"session_token":"{{token}}","connection_id":"c"}""")
            .Problem(ErrorCatalogue.NodeOwned);
        await other.Post($"{node.Path}/sessions/{id}/disconnected", """{"connection_id":"c","reason":"clean"}""").Problem(ErrorCatalogue.NodeOwned);
        await other.Delete(node.Path).Problem(ErrorCatalogue.NodeOwned);
    }

    [Fact]
    public async Task Any_administrator_drains_and_deletes_a_node_on_the_record_and_its_id_is_then_free()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var administrator = await (await TestAccount.Open(server, admin: true)).WithLogin();
        Assert.True((await administrator.Post($"{node.Path}/drain").Json())["draining"]!.GetValue<bool>());
        Assert.False((await administrator.Delete($"{node.Path}/drain").Json())["draining"]!.GetValue<bool>());
        await administrator.Delete(node.Path).Json();
        var audited = await administrator.Get($"/api/admin/audit?target={node.Id}").Json();
        Assert.Equal(
            ["node.delete", "node.undrain", "node.drain"],
            audited["data"]!.AsArray().Select(entry => entry!["action"]!.GetValue<string>()));

        var other = await (await TestAccount.Open(server, admin: true)).WithKey(Scopes.NodesReport);
        await other.Put(node.Path, """{"region":"eu","model":"m","capacity":1}""").Json();
        await node.Register(1).Problem(ErrorCatalogue.NodeOwned);
    }

    [Fact]
    public async Task Load_rides_on_a_heartbeat()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var reader = await (await TestAccount.Open(server)).WithKey(Scopes.NodesRead);
        await node.Caller.Post($"{node.Path}/heartbeat", """{"sessions":[],"load":0.5}""").Json();
        Assert.Equal(0.5, (await reader.Get(node.Path).Json())["load"]!.GetValue<double>());
        var listed = (await reader.Get($"/api/nodes?region={node.Region}").Json())["data"]!.AsArray();
        Assert.Equal(0.5, Assert.Single(listed)!["load"]!.GetValue<double>());
        await node.Heartbeat();
        Assert.Equal(0.5, (await reader.Get(node.Path).Json())["load"]!.GetValue<double>());
        Assert.Equal(["load"], (await node.Caller.Post($"{node.Path}/heartbeat", """{"sessions":[],"load":2}""")
            .Problem(ErrorCatalogue.InvalidValue)).Fields());
    }

    [Fact]
    public async Task Nodes_are_listed_by_state_and_region_and_page_by_page()
    {
        await using var server = await TestServer.Start();
        var nodes = new List<TestNode>();
        for (var i = 0; i < 5; i++)
            nodes.Add(await TestNode.Register(server));
        await nodes[1].Caller.Post($"{nodes[1].Path}/drain").Json();
        var reader = await (await TestAccount.Open(server)).WithKey(Scopes.NodesRead);

        var all = nodes.Select(node => node.Id).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(all, await Ids("limit=200"));
        Assert.Equal([nodes[1].Id], await Ids("state=draining"));
        Assert.Equal(all.Where(id => id != nodes[1].Id), await Ids("state=live"));
        Assert.Empty(await Ids("state=lost"));
        Assert.Equal([nodes[2].Id], await Ids($"region={nodes[2].Region}"));

        var seen = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await reader.Get($"/api/nodes?limit=2{cursor}").Json();
            seen.AddRange(page["data"]!.AsArray().Select(node => node!["node_id"]!.GetValue<string>()));
            cursor = page["cursor"]?.GetValue<string>() is { } next ? $"&cursor={next}" : null;
        }

        Assert.Equal(all, seen);
        Assert.Equal(["state"], (await reader.Get("/api/nodes?state=asleep").Problem(ErrorCatalogue.InvalidValue)).Fields());

        async Task<string[]> Ids(string query) =>
            [.. (await reader.Get($"/api/nodes?{query}").Json())["data"]!.AsArray().Select(node => node!["node_id"]!.GetValue<string>())];
    }

    [Fact]
    public async Task The_key_of_an_owner_who_is_no_administrator_any_more_reports_nothing()
    {
        var server = await TestServer.OnSqlite();
        var account = await TestAccount.Open(server, admin: true);
        var caller = await account.WithKey(Scopes.NodesReport);
        await account.Grain.Change(new() { IsAdmin = false, KeysEnabled = true });
        await caller.Put("/api/nodes/mine", """{"region":"eu","model":"m","capacity":1}""").Problem(ErrorCatalogue.Forbidden);
    }

    [Fact]
    public async Task A_heartbeat_tells_what_to_end_and_what_to_expect()
    {
        await using var server = await TestServer.Start();
        var node = await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var session = (await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created)).Text("session_id");

        var reply = await node.Heartbeat("ses_aaaaaaaaaaaaaaaaaaaaaaaaaa");
        Assert.Equal(15, reply.Number("lease_seconds"));
        Assert.Equal(["ses_aaaaaaaaaaaaaaaaaaaaaaaaaa"], reply["drop"]!.AsArray().Select(id => id!.GetValue<string>()));
        Assert.Equal([session], reply["expected"]!.AsArray().Select(id => id!.GetValue<string>()));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"sessions":["x"]}""")]
    [InlineData("""{"sessions":[null]}""")]
    public async Task A_heartbeat_of_something_else_is_refused(string body)
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var problem = await node.Caller.Post($"{node.Path}/heartbeat", body).Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(["sessions"], problem.Fields());
    }

    [Fact]
    public async Task A_heartbeat_may_be_longer_than_other_bodies()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        await node.Heartbeat([.. Enumerable.Repeat("ses_aaaaaaaaaaaaaaaaaaaaaaaaaa", 50_000)]);
    }

    [Fact]
    public async Task A_connect_is_one_however_often_it_is_reported_and_a_second_one_is_refused()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var (id, token) = await Mint(server, node);
        var connected = await node.Connected(id, token, "c1").Json();
        Assert.Equal("connected", connected.Text("state"));
        Assert.Equal(connected.Text("connected_at"), (await node.Connected(id, token, "c1").Json()).Text("connected_at"));
        await node.Connected(id, token, "c2").Problem(ErrorCatalogue.AlreadyConnected);
    }

    [Fact]
    public async Task A_clean_disconnect_ends_the_session_and_a_stale_one_changes_nothing()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var (id, token) = await Mint(server, node);
        await node.Connected(id, token, "c1").Json();
        Assert.Equal("connected", (await node.Disconnected(id, "c0").Json()).Text("state"));
        Assert.Equal("dropped", (await node.Disconnected(id, "c1").Json()).Text("state"));
        Assert.Equal("dropped", (await node.Disconnected(id, "c1").Json()).Text("state"));
        await node.Connected(id, token, "c2").Problem(ErrorCatalogue.SessionDropped);
    }

    [Fact]
    public async Task A_lost_client_comes_back_with_the_same_token_while_it_lives()
    {
        await using var server = await TestServer.Start();
        var node = await TestNode.Register(server);
        var (id, token) = await Mint(server, node);
        await node.Connected(id, token, "c1").Json();
        await node.Disconnected(id, "c1", "lost").Json();
        await node.Connected(id, token, "c1").Problem(ErrorCatalogue.ConnectionEnded);
        await node.Connected(id, token, "c2").Json();
        await node.Connected(id, token, "c1").Problem(ErrorCatalogue.ConnectionEnded);
        await node.Disconnected(id, "c2", "lost").Json();

        server.Time.Advance(TimeSpan.FromSeconds(600));
        await node.Heartbeat();
        await node.Connected(id, token, "c3").Problem(ErrorCatalogue.SessionDropped);
    }

    [Fact]
    public async Task A_connect_after_the_token_expired_is_refused_by_the_session()
    {
        await using var server = await TestServer.Start();
        var node = await TestNode.Register(server);
        var (id, token) = await Mint(server, node);
        server.Time.Advance(TimeSpan.FromSeconds(600));
        await node.Heartbeat();
        await node.Connected(id, token, "c1").Problem(ErrorCatalogue.SessionExpired);
    }

    [Fact]
    public async Task Only_the_sessions_own_token_connects_it()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var account = await TestAccount.Open(server);
        var (id, _) = await Mint(server, node, account);
        var (_, another) = await Mint(server, node, account);
        var soon = server.Time.GetUtcNow().AddMinutes(1);
        string[] foreign =
        [
            another, await account.Login(), await account.Key(), "hello", "..",
            await server.Tokens.Create(TokenPurpose.Spectator, account.Id, server.Time.GetUtcNow(), soon, new() { ["session_id"] = id }),
            await server.Tokens.Create(TokenPurpose.Access, account.Id, server.Time.GetUtcNow(), soon, new() { ["session_id"] = id }),
        ];
        foreach (var token in foreign)
            await node.Connected(id, token, "c1").Problem(ErrorCatalogue.InvalidToken);
        Assert.Equal("provisioned", (await (await account.WithLogin()).Get($"/api/sessions/{id}").Json()).Text("state"));
    }

    [Fact]
    public async Task Another_nodes_session_is_not_there()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var other = await TestNode.Register(server);
        var (id, token) = await Mint(server, node);
        await other.Connected(id, token, "c1").Problem(ErrorCatalogue.SessionNotFound);
        await other.Disconnected(id, "c1").Problem(ErrorCatalogue.SessionNotFound);
    }

    [Theory]
    [InlineData("connected", """{}""", "session_token", "connection_id")]
    [InlineData("connected", """{"session_token":"t","connection_id":""}""", "connection_id")]
    [InlineData("disconnected", """{}""", "connection_id", "reason")]
    [InlineData("disconnected", """{"connection_id":"c","reason":"bored"}""", "reason")]
    public async Task A_report_that_lacks_something_is_refused(string report, string body, params string[] fields)
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var (id, _) = await Mint(server, node);
        var problem = await node.Caller.Post($"{node.Path}/sessions/{id}/{report}", body).Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(fields, problem.Fields());
    }

    [Fact]
    public async Task A_connection_id_is_not_longer_than_128_characters()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var (id, token) = await Mint(server, node);
        await node.Connected(id, token, new string('c', 129)).Problem(ErrorCatalogue.InvalidValue);
        await node.Connected(id, token, new string('c', 128)).Json();
    }

    [Fact]
    public async Task A_draining_node_gets_no_new_sessions_and_keeps_those_it_has()
    {
        await using var server = await TestServer.Start();
        var node = await TestNode.Register(server);
        var (id, token) = await Mint(server, node);
        Assert.True((await node.Caller.Post($"{node.Path}/drain").Json())["draining"]!.GetValue<bool>());

        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        await caller.Post("/credentials", "{}").Problem(ErrorCatalogue.NoStreamer);
        await node.Connected(id, token, "c1").Json();

        // Nor does registering again, as a node does at each start, lift the drain.
        await node.Register(100).Json();
        await caller.Post("/credentials", "{}").Problem(ErrorCatalogue.NoStreamer);

        Assert.False((await node.Caller.Delete($"{node.Path}/drain").Json())["draining"]!.GetValue<bool>());
        await caller.Post("/credentials", "{}").Json(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Deleting_a_node_drops_its_sessions()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var account = await TestAccount.Open(server);
        var (id, _) = await Mint(server, node, account);
        await node.Caller.Delete(node.Path).Json();

        var session = await (await account.WithLogin()).Get($"/api/sessions/{id}").Json();
        Assert.Equal("node_lost", session.Text("reason"));
        await node.Caller.Get(node.Path).Problem(ErrorCatalogue.InsufficientScope);
        await node.Caller.Delete(node.Path).Problem(ErrorCatalogue.NodeNotFound);
        await (await account.WithLogin()).Get(node.Path).Problem(ErrorCatalogue.NodeNotFound);
    }

    static async Task<(string Id, string Token)> Mint(TestServer server, TestNode node, TestAccount? account = null)
    {
        var caller = await (account ?? await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        JsonObject minted = await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created);
        return (minted.Text("session_id"), minted.Text("session_token"));
    }
}
