using System.Net;
using SessionManager.Keys;
using SessionManager.Tests.Users;

namespace SessionManager.Tests.Signaling;

/// <summary>The node's channel.</summary>
public class ChannelTests
{
    [Fact]
    public async Task A_node_reports_on_its_channel_as_over_HTTP()
    {
        // A server of its own: on the shared one another test's session may be placed on this node.
        await using var server = await TestServer.Start();
        await using var stream = await StreamStage.Start(server);
        var (session, client, connectionId) = await stream.Connect();
        await stream.Channel.Send($$"""{"type":"heartbeat","id":7,"sessions":["{{session.Id}}"],"load":0.5,"of a later day":1}""");
        var beat = await stream.Channel.ReceiveType("result");
        Assert.Equal((7, 200), (beat.Number("id"), beat.Number("status")));
        Assert.Equal(15, beat["body"]!["lease_seconds"]!.GetValue<int>());
        Assert.Equal([session.Id], beat["body"]!["expected"]!.AsArray().Select(id => id!.GetValue<string>()));
        Assert.Empty(beat["body"]!["drop"]!.AsArray());

        await stream.Channel.Send($$"""{"type":"connected","id":"c","session_id":"{{session.Id}}","connection_id":"{{connectionId}}"}""");
        var confirmed = await stream.Channel.ReceiveType("result");
        Assert.Equal(("c", 200), (confirmed.Text("id"), confirmed.Number("status")));
        Assert.Equal("connected", (string?)confirmed["body"]!["state"]);

        await stream.Channel.Send($$"""{"type":"disconnected","id":"d","session_id":"{{session.Id}}","connection_id":"{{connectionId}}","reason":"clean"}""");
        Assert.Equal("dropped", (string?)(await stream.Channel.ReceiveType("result"))["body"]!["state"]);
        Assert.Equal(1000, await client.Closed());
    }

    [Fact]
    public async Task A_node_with_clients_of_its_own_reports_their_connections_by_their_tokens()
    {
        await using var stream = await StreamStage.Start();
        var session = await stream.Mint();
        string Connected(string token) =>
            $$"""{"type":"connected","id":1,"session_id":"{{session.Id}}","connection_id":"mine","session_token":"{{token}}"}""";
        await stream.Channel.Send(Connected("x"));
        var refused = await stream.Channel.ReceiveType("result");
        Assert.Equal((401, "invalid_token"), (refused.Number("status"), (string?)refused["body"]!["code"]));
        await stream.Channel.Send(Connected(session.Token));
        Assert.Equal(200, (await stream.Channel.ReceiveType("result")).Number("status"));
        Assert.Equal("connected", (await session.Read()).Text("state"));
        Assert.Equal(HttpStatusCode.Conflict, await session.Refused());
    }

    [Fact]
    public async Task What_a_node_must_not_say_is_refused_with_the_problem_of_the_same_request()
    {
        await using var stream = await StreamStage.Start();
        await stream.Channel.Send("""{"type":"heartbeat","id":1}""");
        Assert.Equal(422, (await stream.Channel.ReceiveType("result")).Number("status"));
        await stream.Channel.Send("""{"type":"disconnected","id":2,"session_id":"ses_aaaaaaaaaaaaaaaaaaaaaaaaaa","connection_id":"c","reason":"lost"}""");
        Assert.Equal("session_not_found", (string?)(await stream.Channel.ReceiveType("result"))["body"]!["code"]);
        await stream.Channel.Send("""{"type":"heartbeat","id":3,"sessions":"all"}""");
        Assert.Equal(1007, await stream.Channel.Closed());
    }

    [Fact]
    public async Task A_channel_that_comes_back_finds_its_clients_where_they_were()
    {
        await using var stream = await StreamStage.Start();
        var (session, client, connectionId) = await stream.Connect();
        await stream.Channel.Close();
        await client.Send("""{"type":"ice_candidate","candidate":"while it was away"}""");
        await stream.Reopen();
        var announced = await stream.Channel.ReceiveJson();
        Assert.Equal(("client_connected", session.Id, connectionId), (announced.Text("type"), announced.Text("session_id"), announced.Text("connection_id")));
        Assert.Equal("while it was away", (string?)(await stream.Channel.ReceiveJson())["message"]!["candidate"]);
        await stream.Channel.Send(session.ToClient("""{"type":"offer","sdp":"again"}"""));
        Assert.Equal("again", (await client.ReceiveJson()).Text("sdp"));
        Assert.Equal("connected", (await session.Read()).Text("state"));
    }

    /// <summary>The published clients take one offer on a socket and no second.</summary>
    [Fact]
    public async Task A_node_that_comes_back_is_told_who_has_had_an_offer_already()
    {
        await using var stream = await StreamStage.Start();
        var (had, client, _) = await stream.Connect();
        var (waits, _, _) = await stream.Connect();
        await stream.Channel.Send(had.ToClient("""{"type":"offer","sdp":"x"}"""));
        await client.ReceiveType("offer");
        await stream.Reopen();
        var announced = new[] { await stream.Channel.ReceiveJson(), await stream.Channel.ReceiveJson() }
            .ToDictionary(news => news.Text("session_id"), news => (bool?)news["offered"]);
        Assert.True(announced[had.Id]);
        Assert.Null(announced[waits.Id]);
    }

    [Fact]
    public async Task A_client_that_came_before_its_node_is_announced_when_that_comes()
    {
        await using var stream = await StreamStage.Start();
        await stream.Channel.Close();
        var session = await stream.Mint();
        await using var client = await session.Connect();
        await stream.Reopen();
        Assert.Equal(session.Id, (await stream.Channel.ReceiveType("client_connected")).Text("session_id"));
        await client.Send("""{"type":"answer","sdp":"x"}""");
        Assert.Equal("x", (string?)(await stream.Channel.ReceiveJson())["message"]!["sdp"]);
    }

    [Fact]
    public async Task The_newest_channel_of_a_node_is_its_channel()
    {
        await using var stream = await StreamStage.Start();
        var old = stream.Channel;
        await stream.Reopen();
        Assert.Equal(4000, await old.Closed());
        var (session, client, _) = await stream.Connect();
        await client.Send("""{"type":"answer","sdp":"x"}""");
        Assert.Equal(session.Id, (await stream.Channel.ReceiveJson()).Text("session_id"));
    }

    [Fact]
    public async Task A_revoked_keys_channel_closes()
    {
        await using var stream = await StreamStage.Start();
        var owner = await TestUser.Join(stream.Server, """{"api_keys_enabled":true,"is_admin":true}""");
        var key = await owner.Login.Post("/api/users/me/keys", TestUser.KeyBody("node", Scopes.NodesReport)).Json(HttpStatusCode.Created);
        var node = $"/api/nodes/{TestServer.NewName("node-")}";
        var holder = new TestCaller(stream.Server.Http, key.Text("key"));
        await holder.Put(node, """{"region":"r","model":"m","capacity":1}""").Json();
        await using var channel = await TestSocket.Open(stream.Server.Address, $"{node}/channel", holder.Credential);
        await owner.Login.Delete($"/api/users/me/keys/{key.Text("id")}");
        await channel.Send("""{"type":"heartbeat","id":1,"sessions":[]}""");
        Assert.Equal(401, (await channel.ReceiveType("result")).Number("status"));
        Assert.Equal(4001, await channel.Closed());
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("{}")]
    [InlineData("""{"session_id":"ses_aaaaaaaaaaaaaaaaaaaaaaaaaa"}""")]
    [InlineData("""{"session_id":"ses_aaaaaaaaaaaaaaaaaaaaaaaaaa","message":"offer"}""")]
    [InlineData("""{"session_id":"ses_aaaaaaaaaaaaaaaaaaaaaaaaaa","message":{}}""")]
    public async Task What_is_no_message_closes_the_channel(string text)
    {
        await using var stream = await StreamStage.Start();
        await stream.Channel.Send(text);
        Assert.Equal(1007, await stream.Channel.Closed());
    }
}
