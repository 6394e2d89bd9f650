using System.Net;
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
        var (id, token) = await node.Mint(server);
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
    public async Task A_draining_node_gets_no_new_sessions_and_keeps_those_it_has()
    {
        await using var server = await TestServer.Start();
        var node = await TestNode.Register(server);
        var (id, token) = await node.Mint(server);
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
        var (id, _) = await node.Mint(server, account);
        await node.Caller.Delete(node.Path).Json();

        var session = await (await account.WithLogin()).Get($"/api/sessions/{id}").Json();
        Assert.Equal("node_lost", session.Text("reason"));
        await node.Caller.Get(node.Path).Problem(ErrorCatalogue.InsufficientScope);
        await node.Caller.Delete(node.Path).Problem(ErrorCatalogue.NodeNotFound);
        await (await account.WithLogin()).Get(node.Path).Problem(ErrorCatalogue.NodeNotFound);
    }
}
