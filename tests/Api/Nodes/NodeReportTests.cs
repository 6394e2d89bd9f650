using System.Net;
using SessionManager.Api.Tokens;
using SessionManager.Errors;
using SessionManager.Keys;

namespace SessionManager.Tests.Nodes;

/// <summary>What a node says of itself and of its sessions.</summary>
public class NodeReportTests
{
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
        var (id, token) = await node.Mint(server);
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
        var (id, token) = await node.Mint(server);
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
        var (id, token) = await node.Mint(server);
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
        var (id, token) = await node.Mint(server);
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
        var (id, _) = await node.Mint(server, account);
        var (_, another) = await node.Mint(server, account);
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
        var (id, token) = await node.Mint(server);
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
        var (id, _) = await node.Mint(server);
        var problem = await node.Caller.Post($"{node.Path}/sessions/{id}/{report}", body).Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(fields, problem.Fields());
    }

    [Fact]
    public async Task A_connection_id_is_not_longer_than_128_characters()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var (id, token) = await node.Mint(server);
        await node.Connected(id, token, new string('c', 129)).Problem(ErrorCatalogue.InvalidValue);
        await node.Connected(id, token, new string('c', 128)).Json();
    }
}
