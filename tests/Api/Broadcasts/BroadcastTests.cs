using System.Net;
using System.Text.Json.Nodes;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Tests.Signaling;

namespace SessionManager.Tests.Broadcasts;

/// <summary>Broadcasts as their owner, their node and administrators see them.</summary>
public class BroadcastTests
{
    [Fact]
    public async Task A_node_broadcasts_a_connected_session_and_is_told_where_it_can_be_watched()
    {
        await using var broadcast = await TestBroadcast.Start();
        Assert.Equal($"{broadcast.Stream.Server.Address.GetLeftPart(UriPartial.Authority)}/broadcasts/{broadcast.Id}", broadcast.Started.Text("webrtc_url"));
        Assert.False(broadcast.Started.ContainsKey("broadcast_url"));
        Assert.Equal(broadcast.Id, (await broadcast.Session.Read()).Text("broadcast_id"));

        var read = await broadcast.Read();
        Assert.Equal("live", read.Text("state"));
        Assert.Equal(broadcast.Session.Id, read.Text("session_id"));
        Assert.Equal(broadcast.Stream.Account.Id, read.Text("account_id"));
        Assert.Equal(broadcast.Stream.Node.Id, read.Text("node_id"));
        Assert.Equal($"broadcasts/{broadcast.Id}", read.Text("path"));
        Assert.Equal(0, read.Number("viewers"));
        Assert.False(read.ContainsKey("ended_at"));
    }

    [Fact]
    public async Task A_session_has_one_live_broadcast_however_often_and_by_whichever_way_it_is_announced()
    {
        await using var broadcast = await TestBroadcast.Start();
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => broadcast.Announce("""{"hls_url":"https://cdn.example/x.m3u8"}""").Json(HttpStatusCode.Created)));
        Assert.All(answers, answer => Assert.Equal((broadcast.Id, "https://cdn.example/x.m3u8"), (answer.Text("broadcast_id"), answer.Text("broadcast_url"))));
        Assert.Equal("https://cdn.example/x.m3u8", (await broadcast.Read()).Text("hls_url"));

        await broadcast.Stream.Channel.Send($$"""{"type":"broadcast","id":"b1","session_id":"{{broadcast.Session.Id}}"}""");
        var result = await broadcast.Stream.Channel.ReceiveType("result");
        Assert.Equal(201, result.Number("status"));
        Assert.Equal(broadcast.Id, result["body"]!.AsObject().Text("broadcast_id"));
        Assert.Single((await broadcast.Owner.Get("/api/broadcasts").Json())["data"]!.AsArray());
    }

    [Fact]
    public async Task What_cannot_be_broadcast_is_refused_as_a_connect_would_be()
    {
        var server = await TestServer.OnSqlite();
        await using var stream = await StreamStage.Start(server);
        await TestBroadcast.Announce(stream, await stream.Mint()).Problem(ErrorCatalogue.SessionNotConnected);
        var (session, _, _) = await stream.Connect();
        await TestBroadcast.Announce(stream, session, """{"hls_url":"ftp://x"}""").Problem(ErrorCatalogue.InvalidValue);
        var other = await TestNode.Register(server);
        await other.Caller.Post($"{other.Path}/sessions/{session.Id}/broadcast", "{}").Problem(ErrorCatalogue.SessionNotFound);
        await other.Caller.Post($"{stream.Node.Path}/sessions/{session.Id}/broadcast", "{}").Problem(ErrorCatalogue.NodeOwned);
        await other.Caller.Post($"/api/nodes/none/sessions/{session.Id}/broadcast", "{}").Problem(ErrorCatalogue.NodeNotFound);
        await stream.Caller.Delete($"/api/sessions/{session.Id}").Json();
        await TestBroadcast.Announce(stream, session).Problem(ErrorCatalogue.SessionDropped);
    }

    [Fact]
    public async Task A_broadcast_ends_with_its_session_and_its_token_is_dead_at_the_next_request()
    {
        await using var broadcast = await TestBroadcast.Start();
        await broadcast.Status(broadcast.Token).Json();
        await broadcast.Stream.Caller.Delete($"/api/sessions/{broadcast.Session.Id}").Json();

        await broadcast.Status(broadcast.Token).Problem(ErrorCatalogue.BroadcastEnded);
        await broadcast.Post(broadcast.Token).Problem(ErrorCatalogue.BroadcastNotFound);
        await broadcast.Owner.Post($"/api/broadcasts/{broadcast.Id}/tokens", "{}").Problem(ErrorCatalogue.BroadcastEnded);
        var read = await broadcast.Read();
        Assert.Equal("ended", read.Text("state"));
        Assert.InRange(read.Time("ended_at"), read.Time("created_at"), DateTimeOffset.MaxValue);
        Assert.Equal(broadcast.Id, (await broadcast.Stream.Channel.ReceiveType("broadcast_ended")).Text("broadcast_id"));
    }

    [Fact]
    public async Task A_session_goes_on_when_its_owner_ends_its_broadcast_and_may_have_another()
    {
        await using var broadcast = await TestBroadcast.Start();
        var viewer = await broadcast.Watch();
        Assert.Equal("ended", (await broadcast.Owner.Delete($"/api/broadcasts/{broadcast.Id}").Json()).Text("state"));

        var told = await broadcast.Stream.Channel.ReceiveType("viewer_delete");
        Assert.Equal((viewer.Id, "ended"), (told.Text("viewer_id"), told.Text("reason")));
        Assert.Equal(broadcast.Session.Id, (await broadcast.Stream.Channel.ReceiveType("broadcast_ended")).Text("session_id"));
        Assert.Equal("connected", (await broadcast.Session.Read()).Text("state"));
        await broadcast.Owner.Delete($"/api/broadcasts/{broadcast.Id}").Json();

        var next = (await broadcast.Announce().Json(HttpStatusCode.Created)).Text("broadcast_id");
        Assert.NotEqual(broadcast.Id, next);
        Assert.Equal(next, (await broadcast.Session.Read()).Text("broadcast_id"));
        Assert.Equal([next], await Ids(broadcast.Owner, "?state=live"));
        Assert.Equal([broadcast.Id], await Ids(broadcast.Owner, "?state=ended"));
        Assert.Equal(1, (await broadcast.Read()).Number("max_viewers_seen"));
    }

    [Fact]
    public async Task Only_its_owner_shares_a_broadcast_and_only_they_or_an_administrator_see_or_end_it()
    {
        await using var broadcast = await TestBroadcast.Start();
        var server = broadcast.Stream.Server;
        var stranger = await (await TestAccount.Open(server)).WithKey(Scopes.BroadcastsRead, Scopes.BroadcastsWrite);
        await stranger.Get($"/api/broadcasts/{broadcast.Id}").Problem(ErrorCatalogue.BroadcastNotFound);
        await stranger.Delete($"/api/broadcasts/{broadcast.Id}").Problem(ErrorCatalogue.BroadcastNotFound);
        await stranger.Post($"/api/broadcasts/{broadcast.Id}/tokens", "{}").Problem(ErrorCatalogue.BroadcastNotFound);
        Assert.Empty(await Ids(stranger));
        Assert.Equal([broadcast.Id], await Ids(broadcast.Owner));
        await broadcast.Owner.Get("/api/broadcasts?state=dead").Problem(ErrorCatalogue.InvalidValue);
        await broadcast.Owner.Get("/api/broadcasts?cursor=x").Problem(ErrorCatalogue.InvalidValue);

        var admin = await (await TestAccount.Open(server, admin: true)).WithLogin();
        var all = await admin.Get("/api/admin/broadcasts?state=live&limit=200").Json();
        Assert.Contains(all["data"]!.AsArray(), item => item!.AsObject().Text("broadcast_id") == broadcast.Id);

        await broadcast.Owner.Delete($"/api/admin/broadcasts/{broadcast.Id}").Problem(ErrorCatalogue.InsufficientScope);
        await admin.Delete("/api/admin/broadcasts/none").Problem(ErrorCatalogue.BroadcastNotFound);
        Assert.Equal("ended", (await admin.Delete($"/api/admin/broadcasts/{broadcast.Id}").Json()).Text("state"));
        await broadcast.Status(broadcast.Token).Problem(ErrorCatalogue.BroadcastEnded);
        var entry = (await admin.Get($"/api/admin/audit?target={broadcast.Id}").Json())["data"]![0]!.AsObject();
        Assert.Equal("broadcast.end", entry.Text("action"));
    }

    [Fact]
    public async Task A_token_says_what_it_opens_to_this_server_and_to_MediaMTX()
    {
        await using var broadcast = await TestBroadcast.Start();
        var shared = await broadcast.Owner.Post($"/api/broadcasts/{broadcast.Id}/tokens", """{"ttl_seconds":60,"max_viewers":3}""").Json(HttpStatusCode.Created);
        var token = shared.Text("spectator_token");
        Assert.Equal(60, shared.Number("expires_in"));
        Assert.Equal(broadcast.Started.Text("webrtc_url"), shared.Text("webrtc_url"));
        Assert.EndsWith($"/watch/{broadcast.Id}#{token}", shared.Text("watch_url"), StringComparison.Ordinal);

        Assert.Equal("spectator+jwt", Answers.Part(token, 0).Text("typ"));
        Assert.Equal("ES256", Answers.Part(token, 0).Text("alg"));
        var claims = Answers.Claims(token);
        Assert.Equal(broadcast.Id, claims.Text("broadcast_id"));
        Assert.Equal(3, claims.Number("max_viewers"));
        Assert.Equal(60, claims.Number("exp") - claims.Number("iat"));
        Assert.Equal($$"""[{"action":"read","path":"broadcasts/{{broadcast.Id}}"}]""", claims["mediamtx_permissions"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"ttl_seconds":0}""", "ttl_seconds")]
    [InlineData("""{"ttl_seconds":86401}""", "ttl_seconds")]
    [InlineData("""{"max_viewers":0}""", "max_viewers")]
    public async Task A_token_lives_a_day_at_most_and_lets_one_in_at_least(string body, string field)
    {
        await using var broadcast = await TestBroadcast.Start();
        Assert.Equal([field], (await broadcast.Owner.Post($"/api/broadcasts/{broadcast.Id}/tokens", body).Problem(ErrorCatalogue.InvalidValue)).Fields());
    }

    [Fact]
    public async Task A_broadcast_outlives_a_restart_and_its_node_says_who_is_still_watching()
    {
        var server = await TestBroadcast.StartServer();
        var broadcast = await TestBroadcast.Start(server);
        var viewer = await broadcast.Watch();
        var (id, token) = (broadcast.Id, broadcast.Token);
        await using var again = await server.Restart();

        var status = $"/broadcasts/{id}/status?token={token}";
        Assert.Equal(0, (await again.Http.GetAsync(new Uri(status, UriKind.Relative)).Json()).Number("viewers"));
        await using var channel = await TestSocket.Open(again.Address, $"{broadcast.Stream.Node.Path}/channel", broadcast.Stream.Node.Caller.Credential);
        await channel.Send(
            $$$"""{"type":"heartbeat","id":1,"sessions":["{{{broadcast.Session.Id}}}"],"viewers":{"{{{id}}}":["{{{viewer.Id}}}"],"brd_bad":["x"]}}""");
        Assert.Equal(200, (await channel.ReceiveType("result")).Number("status"));
        Assert.Equal(1, (await again.Http.GetAsync(new Uri(status, UriKind.Relative)).Json()).Number("viewers"));
    }

    static async Task<string[]> Ids(TestCaller caller, string query = "") =>
        [.. (await caller.Get($"/api/broadcasts{query}").Json())["data"]!.AsArray().Select(item => item!.AsObject().Text("broadcast_id"))];
}
