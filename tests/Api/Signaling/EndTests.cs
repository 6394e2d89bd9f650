using System.Text.Json.Nodes;

namespace SessionManager.Tests.Signaling;

/// <summary>How connections end, and who hears what of it.</summary>
public class EndTests
{
    [Fact]
    public async Task A_client_that_says_goodbye_has_dropped_its_session()
    {
        await using var stream = await StreamStage.Start();
        var (session, client, connectionId) = await stream.Connect();
        await client.Send("""{"type":"client_disconnecting"}""");
        Assert.Equal(1000, await client.Closed());
        Assert.Equal("client_disconnected", (await session.Drops()).Text("reason"));
        AssertGone(await stream.Channel.ReceiveType("client_disconnected"), session, connectionId, clean: true);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    public async Task A_client_that_only_closes_is_lost_and_may_come_back(int code)
    {
        await using var stream = await StreamStage.Start();
        var (session, client, connectionId) = await stream.Connect();
        await client.Close(code);
        AssertGone(await stream.Channel.ReceiveType("client_disconnected"), session, connectionId, clean: false);
        await session.IsLost();
        await (await session.Connect()).DisposeAsync();
    }

    [Fact]
    public async Task A_client_that_is_killed_is_lost()
    {
        await using var stream = await StreamStage.Start();
        var (session, client, connectionId) = await stream.Connect();
        client.Abort();
        AssertGone(await stream.Channel.ReceiveType("client_disconnected"), session, connectionId, clean: false);
        await session.IsLost();
    }

    [Fact]
    public async Task What_a_client_says_before_it_leaves_reaches_the_node_before_the_news_that_it_has_left()
    {
        await using var stream = await StreamStage.Start();
        var (_, client, _) = await stream.Connect();
        await client.Send("""{"type":"answer","sdp":"last words"}""");
        await client.Send("""{"type":"client_disconnecting"}""");
        Assert.Equal("last words", (string?)(await stream.Channel.ReceiveJson())["message"]!["sdp"]);
        await stream.Channel.ReceiveType("client_disconnected");
    }

    [Fact]
    public async Task A_client_without_an_offer_is_told_that_no_streamer_is_available()
    {
        await using var server = await TestServer.Start(settings: "--Gateway:OfferSeconds=1");
        await using var stream = await StreamStage.Start(server);
        var (session, client, connectionId) = await stream.Connect();
        await AssertEndsWith(client, "streamer_not_available");
        AssertGone(await stream.Channel.ReceiveType("client_disconnected"), session, connectionId, clean: false);
        await session.IsLost();
        // Its token is alive, and the node may be there the next time.
        var again = await session.Connect();
        await stream.Channel.ReceiveType("client_connected");
        await stream.Channel.Send(session.ToClient("""{"type":"offer","sdp":"x"}"""));
        Assert.Equal("offer", (await again.ReceiveJson()).Text("type"));
    }

    [Fact]
    public async Task After_an_error_what_the_client_sends_counts_for_nothing()
    {
        await using var server = await TestServer.Start(settings: "--Gateway:OfferSeconds=1");
        await using var stream = await StreamStage.Start(server);
        var (session, client, _) = await stream.Connect();
        Assert.Equal("error", (await client.ReceiveJson()).Text("type"));
        // As the published client does.
        await client.Send("""{"type":"client_disconnecting"}""");
        await client.Close();
        Assert.Equal("connected", (await session.IsLost()).Text("state"));
    }

    [Fact]
    public async Task A_session_that_has_used_up_its_time_ends_and_client_and_node_are_told_why()
    {
        await using var stream = await StreamStage.Start();
        await stream.Account.Grain.Change(new() { MaxStreamSeconds = 1 });
        var (session, client, _) = await stream.Connect();
        await AssertEndsWith(client, "duration_limit_reached");
        var drop = await stream.Channel.ReceiveType("drop");
        Assert.Equal((session.Id, "duration_limit"), (drop.Text("session_id"), drop.Text("reason")));
        Assert.Equal("duration_limit", (await session.Drops()).Text("reason"));
    }

    [Fact]
    public async Task A_session_that_its_owner_ends_is_dropped_on_the_node_and_its_client_is_told()
    {
        await using var stream = await StreamStage.Start();
        var (session, client, _) = await stream.Connect();
        await stream.Caller.Delete($"/api/sessions/{session.Id}");
        var drop = await stream.Channel.ReceiveType("drop");
        Assert.Equal((session.Id, "terminated"), (drop.Text("session_id"), drop.Text("reason")));
        await AssertEndsWith(client, "streamer_disconnected");
    }

    [Fact]
    public async Task A_deleted_nodes_clients_are_told()
    {
        await using var stream = await StreamStage.Start();
        var (session, client, _) = await stream.Connect();
        await stream.Node.Caller.Delete(stream.Node.Path);
        await AssertEndsWith(client, "streamer_disconnected");
        Assert.Equal("node_lost", (await session.Drops()).Text("reason"));
        Assert.Equal(4004, await stream.Channel.Closed());
    }

    [Fact]
    public async Task A_node_ends_its_clients_connection_by_reporting_it()
    {
        await using var stream = await StreamStage.Start();
        var (session, client, connectionId) = await stream.Connect();
        await stream.Channel.Send(
            $$"""{"type":"disconnected","id":"d","session_id":"{{session.Id}}","connection_id":"{{connectionId}}","reason":"lost"}""");
        await AssertEndsWith(client, "streamer_disconnected");
        Assert.Equal(200, (await stream.Channel.ReceiveType("result")).Number("status"));
        await session.IsLost();
    }

    [Fact]
    public async Task An_error_from_the_node_is_the_last_thing_its_client_hears()
    {
        await using var stream = await StreamStage.Start();
        var (session, client, _) = await stream.Connect();
        await stream.Channel.Send(session.ToClient("""{"type":"error","reason":"streamer_not_available"}"""));
        await stream.Channel.Send(session.ToClient("""{"type":"offer","sdp":"too late"}"""));
        await AssertEndsWith(client, "streamer_not_available");
        await session.IsLost();
    }

    [Fact]
    public async Task A_process_that_stops_closes_its_sockets_as_one_that_comes_back()
    {
        await using var server = await TestServer.Start();
        await using var stream = await StreamStage.Start(server);
        var (_, client, _) = await stream.Connect();
        var stopping = server.Stop();
        Assert.Equal(1012, await client.Closed());
        Assert.Equal(1012, await stream.Channel.Closed());
        await stopping;
    }

    static async Task AssertEndsWith(TestSocket client, string reason)
    {
        Assert.Equal(reason, (await client.ReceiveType("error")).Text("reason"));
        Assert.Equal(1000, await client.Closed());
    }

    static void AssertGone(JsonObject news, TestSession session, string connectionId, bool clean) =>
        Assert.Equal((session.Id, connectionId, clean), (news.Text("session_id"), news.Text("connection_id"), news["clean"]!.GetValue<bool>()));
}
