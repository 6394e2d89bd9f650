using System.Net;
using SessionManager.Errors;
using SessionManager.Tests.Signaling;

namespace SessionManager.Tests.Broadcasts;

/// <summary>WHEP (draft-ietf-wish-whep), status by status.</summary>
public class WhepTests
{
    const string Fragment = "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_offer_goes_to_the_node_and_its_answer_comes_back(bool tokenInQuery)
    {
        await using var broadcast = await TestBroadcast.Start();
        var asking = broadcast.Post(broadcast.Token, inQuery: tokenInQuery);
        var offered = await broadcast.Stream.Channel.ReceiveType("viewer_offer");
        var viewerId = offered.Text("viewer_id");
        Assert.Equal(TestBroadcast.Offer, offered.Text("sdp"));
        Assert.Equal(broadcast.Id, offered.Text("broadcast_id"));
        Assert.Equal(broadcast.Session.Id, offered.Text("session_id"));
        Assert.Equal(Answers.Claims(broadcast.Token).Number("exp"), offered.Time("expires_at").ToUnixTimeSeconds());
        await broadcast.Stream.Channel.Send($$"""{"type":"viewer_answer","viewer_id":"{{viewerId}}","sdp":"v=0\r\nanswer"}""");

        using var response = await asking;
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("application/sdp", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("v=0\r\nanswer", await response.Content.ReadAsStringAsync());
        Assert.Equal($"{broadcast.Started.Text("webrtc_url")}/whep/{viewerId}", response.Headers.Location!.ToString());
        Assert.False(response.Headers.ETag!.IsWeak);
        Assert.Equal(1, (await broadcast.Read()).Number("viewers"));
        Assert.Equal(1, (await broadcast.Status(broadcast.Token).Json()).Number("viewers"));
    }

    [Fact]
    public async Task Watching_needs_a_live_token_of_this_very_broadcast()
    {
        await using var server = await TestBroadcast.StartServer();
        await using var broadcast = await TestBroadcast.Start(server);
        await using var other = await TestBroadcast.Start(server);
        await broadcast.Post(null).Problem(ErrorCatalogue.Unauthenticated);
        await broadcast.Post("none").Problem(ErrorCatalogue.InvalidToken);
        await broadcast.Post(other.Token).Problem(ErrorCatalogue.InvalidToken);
        await broadcast.Post(broadcast.Session.Token).Problem(ErrorCatalogue.InvalidToken);
        await broadcast.Post(broadcast.Owner.Credential).Problem(ErrorCatalogue.InvalidToken);
        var parts = broadcast.Token.Split('.');
        await broadcast.Post($"{parts[0]}.{other.Token.Split('.')[1]}.{parts[2]}").Problem(ErrorCatalogue.InvalidToken);

        var brief = await broadcast.Share("""{"ttl_seconds":30}""");
        await broadcast.Status(brief).Json();
        server.Time.Advance(TimeSpan.FromSeconds(30));
        await broadcast.Post(brief).Problem(ErrorCatalogue.InvalidToken);
        await broadcast.Status(brief).Problem(ErrorCatalogue.InvalidToken);
        await broadcast.Status(broadcast.Token).Json();
    }

    [Fact]
    public async Task An_offer_that_is_none_or_wants_another_type_is_refused_before_the_node_hears_of_it()
    {
        await using var broadcast = await TestBroadcast.Start();
        await broadcast.Post(broadcast.Token, type: "application/json").Problem(ErrorCatalogue.UnsupportedMediaType);
        await broadcast.Post(broadcast.Token, accept: "application/json").Problem(ErrorCatalogue.NotAcceptable);
        await broadcast.Post(broadcast.Token, accept: "application/sdp;q=0").Problem(ErrorCatalogue.NotAcceptable);
        foreach (var offer in new[] { "", "hello", "v=0\r\n", TestBroadcast.Answer, TestBroadcast.Offer.Replace("actpass", "active", StringComparison.Ordinal) })
            await broadcast.Post(broadcast.Token, offer).Problem(ErrorCatalogue.InvalidSdp);
        await broadcast.Post(broadcast.Token, TestBroadcast.Offer + new string('a', 65_536)).Problem(ErrorCatalogue.PayloadTooLarge);
        Assert.Equal(0, (await broadcast.Read()).Number("viewers"));
        await broadcast.Watch();
    }

    [Theory]
    [InlineData("not_found", ErrorCatalogue.BroadcastNotFound)]
    [InlineData("busy", ErrorCatalogue.ViewerLimit)]
    [InlineData("unacceptable", ErrorCatalogue.InvalidSdp)]
    public async Task What_the_node_refuses_is_refused(string reason, string code)
    {
        await using var broadcast = await TestBroadcast.Start();
        var asking = broadcast.Post(broadcast.Token);
        var viewerId = (await broadcast.Stream.Channel.ReceiveType("viewer_offer")).Text("viewer_id");
        await broadcast.Stream.Channel.Send($$"""{"type":"viewer_refused","viewer_id":"{{viewerId}}","reason":"{{reason}}"}""");
        await asking.Problem(code);
        Assert.Equal(0, (await broadcast.Read()).Number("viewers"));
    }

    [Fact]
    public async Task A_token_lets_in_as_many_at_a_time_as_it_says()
    {
        await using var broadcast = await TestBroadcast.Start();
        var token = await broadcast.Share("""{"max_viewers":2}""");
        var first = await broadcast.Watch(token);
        await broadcast.Watch(token);
        await broadcast.Post(token).Problem(ErrorCatalogue.ViewerLimit);
        await broadcast.Watch();
        Assert.Equal(HttpStatusCode.OK, (await first.Delete()).StatusCode);
        await broadcast.Watch(token);
        Assert.Equal(3, (await broadcast.Read()).Number("max_viewers_seen"));
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_504_and_is_told_to_forget_the_viewer()
    {
        await using var server = await TestBroadcast.StartServer("--Gateway:ViewerSeconds", "1");
        await using var broadcast = await TestBroadcast.Start(server);
        var asking = broadcast.Post(broadcast.Token);
        var viewerId = (await broadcast.Stream.Channel.ReceiveType("viewer_offer")).Text("viewer_id");
        await asking.Problem(ErrorCatalogue.StreamerTimeout);
        var told = await broadcast.Stream.Channel.ReceiveType("viewer_delete");
        Assert.Equal((viewerId, "timeout"), (told.Text("viewer_id"), told.Text("reason")));
        Assert.Equal(0, (await broadcast.Read()).Number("viewers"));

        // Too late: nobody would know of it.
        await broadcast.Stream.Channel.ReceiveType("viewer_delete");
        await broadcast.Stream.Channel.Send($$"""{"type":"viewer_answer","viewer_id":"{{viewerId}}","sdp":"v=0"}""");
        Assert.Equal(viewerId, (await broadcast.Stream.Channel.ReceiveType("viewer_delete")).Text("viewer_id"));
    }

    [Fact]
    public async Task A_viewer_that_has_gone_before_the_answer_leaves_nothing_behind()
    {
        await using var broadcast = await TestBroadcast.Start();
        using var gone = new CancellationTokenSource();
        var request = new HttpRequestMessage(HttpMethod.Post, $"{broadcast.Path}/whep?token={broadcast.Token}")
        {
            Content = new StringContent(TestBroadcast.Offer, new System.Net.Http.Headers.MediaTypeHeaderValue("application/sdp")),
        };
        var asking = broadcast.Stream.Server.Http.SendAsync(request, gone.Token);
        var viewerId = (await broadcast.Stream.Channel.ReceiveType("viewer_offer")).Text("viewer_id");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Equal(viewerId, (await broadcast.Stream.Channel.ReceiveType("viewer_delete")).Text("viewer_id"));
        await broadcast.Counts(0);
    }

    [Fact]
    public async Task A_node_whose_channel_is_closed_is_409()
    {
        await using var broadcast = await TestBroadcast.Start();
        await broadcast.Stream.Channel.Close();
        await broadcast.Post(broadcast.Token).Problem(ErrorCatalogue.StreamerNotAttached);
        Assert.Equal(0, (await broadcast.Read()).Number("viewers"));
        await broadcast.Stream.Reopen();
        await broadcast.Watch();
    }

    [Fact]
    public async Task A_viewer_leaves_without_a_token_and_once()
    {
        await using var broadcast = await TestBroadcast.Start();
        var viewer = await broadcast.Watch();
        Assert.Equal(HttpStatusCode.OK, (await viewer.Delete()).StatusCode);
        var told = await broadcast.Stream.Channel.ReceiveType("viewer_delete");
        Assert.Equal((viewer.Id, "deleted"), (told.Text("viewer_id"), told.Text("reason")));
        Assert.Equal(0, (await broadcast.Read()).Number("viewers"));
        await viewer.Delete().Problem(ErrorCatalogue.ViewerNotFound);
        await (viewer with { Address = new Uri($"{broadcast.Path}/whep/none", UriKind.Relative) }).Delete().Problem(ErrorCatalogue.ViewerNotFound);
    }

    [Fact]
    public async Task Candidates_are_trickled_under_the_entity_tag_of_the_answer()
    {
        await using var broadcast = await TestBroadcast.Start();
        var viewer = await broadcast.Watch();
        await viewer.Trickle(Fragment, null).Problem(ErrorCatalogue.EntityTagRequired);
        await viewer.Trickle(Fragment, "\"other\"").Problem(ErrorCatalogue.EntityTagMismatch);
        await viewer.Trickle(Fragment, $"W/{viewer.ETag}").Problem(ErrorCatalogue.EntityTagMismatch);
        await viewer.Trickle(Fragment, "*").Problem(ErrorCatalogue.InvalidSdp);
        await viewer.Trickle(Fragment, viewer.ETag, "application/sdp").Problem(ErrorCatalogue.UnsupportedMediaType);
        await viewer.Trickle("hello", viewer.ETag).Problem(ErrorCatalogue.InvalidSdp);
        using var response = await viewer.Trickle(Fragment, viewer.ETag);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        var told = await broadcast.Stream.Channel.ReceiveType("viewer_trickle");
        Assert.Equal((viewer.Id, Fragment), (told.Text("viewer_id"), told.Text("sdp_fragment")));
        await viewer.Delete();
        await viewer.Trickle(Fragment, viewer.ETag).Problem(ErrorCatalogue.ViewerNotFound);
    }

    [Fact]
    public async Task A_viewer_whose_token_expires_is_ended()
    {
        await using var server = await TestBroadcast.StartServer();
        await using var broadcast = await TestBroadcast.Start(server);
        var stays = await broadcast.Watch();
        var viewer = await broadcast.Watch(await broadcast.Share("""{"ttl_seconds":60}"""));
        server.Time.Advance(TimeSpan.FromSeconds(60));
        // The clock moves no timer that is set already; this sets it anew.
        await broadcast.Stream.Channel.Send(
            $$$"""{"type":"heartbeat","sessions":["{{{broadcast.Session.Id}}}"],"viewers":{"{{{broadcast.Id}}}":["{{{viewer.Id}}}","{{{stays.Id}}}"]}}""");
        var told = await broadcast.Stream.Channel.ReceiveType("viewer_delete");
        Assert.Equal((viewer.Id, "expired"), (told.Text("viewer_id"), told.Text("reason")));
        await broadcast.Counts(1);
        Assert.Equal(HttpStatusCode.OK, (await stays.Delete()).StatusCode);
    }

    [Fact]
    public async Task The_node_says_who_is_gone()
    {
        await using var broadcast = await TestBroadcast.Start();
        await using var other = await TestBroadcast.Start();
        var viewer = await broadcast.Watch();
        // Another node has no say in it.
        var gone = $$"""{"type":"viewer_gone","viewer_id":"{{viewer.Id}}","broadcast_id":"{{broadcast.Id}}"}""";
        await other.Stream.Channel.Send(gone);
        await other.Watch();
        Assert.Equal(1, (await broadcast.Read()).Number("viewers"));
        await broadcast.Stream.Channel.Send(gone);
        await broadcast.Counts(0);
    }

    [Fact]
    public async Task A_page_of_any_origin_may_watch_and_reads_the_location_and_the_entity_tag()
    {
        await using var broadcast = await TestBroadcast.Start();
        foreach (var (method, path) in new[] { ("POST", "/whep"), ("PATCH", "/whep/vie_x"), ("DELETE", "/whep/vie_x") })
        {
            var preflight = new HttpRequestMessage(HttpMethod.Options, broadcast.Path + path);
            preflight.Headers.Add("Origin", "https://page.example");
            preflight.Headers.Add("Access-Control-Request-Method", method);
            preflight.Headers.Add("Access-Control-Request-Headers", "content-type,authorization,if-match");
            using var allowed = await broadcast.Stream.Server.Http.SendAsync(preflight);
            Assert.Equal(HttpStatusCode.NoContent, allowed.StatusCode);
            Assert.Equal("*", allowed.Header("Access-Control-Allow-Origin"));
            Assert.Contains(method, allowed.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        }

        var refused = new HttpRequestMessage(HttpMethod.Post, $"{broadcast.Path}/whep");
        refused.Headers.Add("Origin", "https://page.example");
        using var response = await broadcast.Stream.Server.Http.SendAsync(refused);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
        Assert.Contains("Location", response.Header("Access-Control-Expose-Headers"), StringComparison.Ordinal);
        Assert.Contains("ETag", response.Header("Access-Control-Expose-Headers"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_stays_where_the_nodes_channel_is_opened_anew()
    {
        await using var broadcast = await TestBroadcast.Start();
        var viewer = await broadcast.Watch();
        await broadcast.Stream.Reopen();
        await broadcast.Watch();
        Assert.Equal(2, (await broadcast.Read()).Number("viewers"));
        Assert.Equal(HttpStatusCode.OK, (await viewer.Delete()).StatusCode);
        Assert.Equal(viewer.Id, (await broadcast.Stream.Channel.ReceiveType("viewer_delete")).Text("viewer_id"));
    }
}
