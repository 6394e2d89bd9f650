using System.Net;
using SessionManager.Errors;
using SessionManager.Keys;

namespace SessionManager.Tests.Signaling;

/// <summary>Who is let onto a socket: it is refused before the upgrade, with a problem.</summary>
public class AdmissionTests
{
    [Fact]
    public async Task A_client_with_its_token_is_connected()
    {
        await using var stream = await StreamStage.Start();
        var (session, _, _) = await stream.Connect();
        Assert.Equal("connected", (await session.Read()).Text("state"));
    }

    [Fact]
    public async Task A_bad_token_none_and_another_sessions_are_refused_and_change_nothing()
    {
        await using var stream = await StreamStage.Start();
        var (mine, other) = (await stream.Mint(), await stream.Mint());
        Assert.Equal(HttpStatusCode.Unauthorized, await (mine with { Token = other.Token }).Refused());
        Assert.Equal(HttpStatusCode.Unauthorized, await (mine with { Token = "" }).Refused());
        Assert.Equal(HttpStatusCode.Unauthorized, await (mine with { Token = mine.Token + "x" }).Refused());
        Assert.Equal(HttpStatusCode.Unauthorized, await TestSocket.Refused(stream.Server.Address, $"/signaling/client/{mine.Id}"));
        Assert.Equal("provisioned", (await mine.Read()).Text("state"));
        await (await mine.Connect()).DisposeAsync();
    }

    [Fact]
    public async Task A_session_nobody_minted_is_not_found()
    {
        var server = await TestServer.OnSqlite();
        const string nobodys = "ses_aaaaaaaaaaaaaaaaaaaaaaaaaa";
        var token = await server.Tokens.ForSession("user_x", nobodys, server.Time.GetUtcNow(), server.Time.GetUtcNow().AddMinutes(5));
        Assert.Equal(HttpStatusCode.NotFound, await TestSocket.Refused(server.Address, $"/signaling/client/{nobodys}?token={token}"));
        Assert.Equal(HttpStatusCode.NotFound, await TestSocket.Refused(server.Address, $"/signaling/client/none?token={token}"));
    }

    [Fact]
    public async Task An_expired_token_and_an_ended_session_are_gone()
    {
        await using var server = await TestServer.Start();
        await using var stream = await StreamStage.Start(server);
        var (ended, expired) = (await stream.Mint(), await stream.Mint());
        await stream.Caller.Delete($"/api/sessions/{ended.Id}");
        Assert.Equal(HttpStatusCode.Gone, await ended.Refused());
        server.Time.Advance(TimeSpan.FromSeconds(601));
        Assert.Equal(HttpStatusCode.Gone, await expired.Refused());
    }

    [Fact]
    public async Task A_refusal_is_a_problem()
    {
        await using var stream = await StreamStage.Start();
        var session = await stream.Mint();
        await Handshake(stream.Server, $"/signaling/client/{session.Id}?token=x").Problem(ErrorCatalogue.InvalidToken);
        await stream.Server.Http.GetAsync(new Uri(session.Path, UriKind.Relative)).Problem(ErrorCatalogue.UpgradeRequired);
    }

    [Fact]
    public async Task Of_two_tabs_with_one_credential_the_first_stays()
    {
        await using var stream = await StreamStage.Start();
        var (session, first, _) = await stream.Connect();
        // It answers pings as every browser does: by reading.
        var offered = first.ReceiveJson();
        Assert.Equal(HttpStatusCode.Conflict, await session.Refused());
        await stream.Channel.Send(session.ToClient("""{"type":"offer","sdp":"still here"}"""));
        Assert.Equal("still here", (await offered).Text("sdp"));
    }

    [Fact]
    public async Task Of_two_tabs_that_connect_at_the_same_moment_one_stays()
    {
        await using var stream = await StreamStage.Start();
        for (var round = 0; round < 5; round++)
        {
            var session = await stream.Mint();
            var tabs = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
            {
                try
                {
                    var socket = await session.Connect();
                    return (Socket: socket, Hears: socket.ReceiveUntilEnd());
                }
                catch (Xunit.Sdk.TrueException)
                {
                    return default;
                }
            }));
            var stays = Assert.Single(tabs, tab => tab.Socket is not null);
            Assert.Equal(session.Id, (await stream.Channel.ReceiveType("client_connected")).Text("session_id"));
            await stream.Channel.Send(session.ToClient("""{"type":"offer","sdp":"x"}"""));
            Assert.Equal("offer", (string?)(await stays.Hears)!["type"]);
        }
    }

    [Fact]
    public async Task A_first_connection_that_does_not_answer_a_ping_makes_way_for_the_next()
    {
        await using var stream = await StreamStage.Start();
        // Nothing reads it, so nothing answers: as after the client's network has changed.
        var (session, silent, old) = await stream.Connect();
        await using var again = await session.Connect();
        var gone = await stream.Channel.ReceiveType("client_disconnected");
        Assert.Equal((old, false), (gone.Text("connection_id"), gone["clean"]!.GetValue<bool>()));
        var next = await stream.Channel.ReceiveType("client_connected");
        Assert.NotEqual(old, next.Text("connection_id"));
        await stream.Channel.Send(session.ToClient("""{"type":"offer","sdp":"x"}"""));
        Assert.Equal("offer", (await again.ReceiveJson()).Text("type"));
        Assert.Equal("connected", (await session.Read()).Text("state"));
        await silent.DisposeAsync();
    }

    [Fact]
    public async Task Pages_of_other_origins_than_the_allowed_are_refused_and_programs_are_not()
    {
        await using var server = await TestServer.Start(settings: "--Gateway:AllowedOrigins=https://app.example.com, https://b.example.com");
        await using var stream = await StreamStage.Start(server);
        Assert.Equal(HttpStatusCode.Forbidden, await (await stream.Mint()).Refused("https://evil.example.com"));
        await (await (await stream.Mint()).Connect("https://app.example.com")).DisposeAsync();
        await (await (await stream.Mint()).Connect()).DisposeAsync();
    }

    [Fact]
    public async Task Every_page_may_connect_where_no_origin_is_named()
    {
        await using var stream = await StreamStage.Start();
        await (await (await stream.Mint()).Connect("https://anywhere.example.com")).DisposeAsync();
    }

    [Fact]
    public async Task A_channel_is_its_owners_and_no_web_pages()
    {
        await using var stream = await StreamStage.Start();
        var stranger = await (await TestAccount.Open(stream.Server, admin: true)).Key(Scopes.NodesReport);
        var path = $"{stream.Node.Path}/channel";
        Assert.Equal(HttpStatusCode.Forbidden, await TestSocket.Refused(stream.Server.Address, path, stranger));
        Assert.Equal(HttpStatusCode.Unauthorized, await TestSocket.Refused(stream.Server.Address, path));
        Assert.Equal(HttpStatusCode.Forbidden, await TestSocket.Refused(stream.Server.Address, path, stream.Caller.Credential));
        Assert.Equal(HttpStatusCode.NotFound, await TestSocket.Refused(stream.Server.Address, "/api/nodes/no-such-node/channel", stranger));
        Assert.Equal(HttpStatusCode.Forbidden, await TestSocket.Refused(stream.Server.Address, path, stream.Node.Caller.Credential, "https://app.example.com"));
        await new TestCaller(stream.Server.Http, stranger).Get("/api/nodes/none/channel").Problem(ErrorCatalogue.UpgradeRequired);
    }

    static Task<HttpResponseMessage> Handshake(TestServer server, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        return server.Http.SendAsync(request);
    }
}
