using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace SessionManager.Tests.Signaling;

/// <summary>
/// Two front ends stay; the others are there to be killed, one a test. A client waits long for its node's offer: the tests replace
/// whole silos before they send one.
/// </summary>
public sealed class GatewayCluster() : ClusterFixture(silos: 2, frontEnds: 4, ("Gateway__OfferSeconds", "3600"));

/// <summary>A client on one front end, its node on another.</summary>
public sealed class GatewayTests(GatewayCluster fixture) : ClusterTest(fixture), IClassFixture<GatewayCluster>
{
    const string Offer = """{"type":"offer","sdp":"v=0"}""";

    [ClusterFact]
    public async Task Client_and_node_talk_across_front_ends_in_order()
    {
        var (mine, nodes) = (Cluster.Apis[0], Cluster.Apis[1]);
        await using var node = await Streamer.Start(Cluster, nodes);
        var (client, socket) = await node.Connect(await Roster.Make(limit: 1), mine);
        Assert.Equal("connected", (await client.Read(nodes)).State);
        for (var number = 0; number < 100; number++)
        {
            await node.Say(client.SessionId, $$"""{"type":"ice_candidate","candidate":"{{number}}"}""");
            await socket.Send($$"""{"type":"ice_candidate","candidate":"{{number}}"}""");
        }

        for (var number = 0; number < 100; number++)
        {
            Assert.Equal($"{number}", (string?)(await socket.ReceiveJson())["candidate"]);
            Assert.Equal($"{number}", (string?)(await node.Channel.ReceiveJson())["message"]!["candidate"]);
        }

        var start = $$"""{"type":"interactive_stream_start","prompt":"x","input_image_base64":"{{new string('A', 34_000_000)}}"}""";
        var sending = socket.Send(start);
        var arrived = await node.Channel.ReceiveBytes();
        await sending;
        Assert.True(Encoding.UTF8.GetBytes($$"""{"session_id":"{{client.SessionId}}","message":{{start}}}""").AsSpan().SequenceEqual(arrived));

        await socket.Send("""{"type":"client_disconnecting"}""");
        Assert.True((bool)(await node.Hears("client_disconnected"))["clean"]!);
        await Eventually.Holds("the session is dropped", Outage, async () => (await client.Read(nodes)).State == "dropped");
    }

    [ClusterFact]
    public async Task A_session_ended_at_one_front_end_ends_for_its_client_and_its_node_at_others()
    {
        await using var node = await Streamer.Start(Cluster, Cluster.Apis[1]);
        var (client, socket) = await node.Connect(await Roster.Make(limit: 1), Cluster.Apis[0]);
        await Wire.Send(HttpMethod.Delete, Cluster.Apis[1], $"/api/sessions/{client.SessionId}", client.Account.Key);
        Assert.Equal("terminated", (string?)(await node.Hears("drop"))["reason"]);
        Assert.Equal("streamer_disconnected", (string?)(await socket.ReceiveType("error"))["reason"]);
        Assert.Equal(1000, await socket.Closed());
    }

    [ClusterFact]
    public async Task Who_watches_at_one_front_end_is_answered_by_a_node_at_another_and_leaves_by_either()
    {
        await using var node = await Streamer.Start(Cluster, Cluster.Apis[1]);
        var (client, _) = await node.Connect(await Roster.Make(limit: 1), Cluster.Apis[0]);
        var started = await Wire.Get<Started>(
            HttpMethod.Post, Cluster.Apis[1], $"{node.Path}/sessions/{client.SessionId}/broadcast", Cluster.Demo.NodeKey, new { });
        using var http = new HttpClient { BaseAddress = Cluster.Apis[0] };
        var offer = new StringContent(
            "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:abcd\r\na=fingerprint:sha-256 AA\r\na=setup:actpass\r\n", new MediaTypeHeaderValue("application/sdp"));
        var asking = http.PostAsync(new Uri($"/broadcasts/{started.BroadcastId}/whep?token={started.SpectatorToken}", UriKind.Relative), offer);
        var viewerId = (string)(await node.Hears("viewer_offer"))["viewer_id"]!;
        await node.Channel.Send($$"""{"type":"viewer_answer","viewer_id":"{{viewerId}}","sdp":"v=0 answer"}""");
        using var answer = await asking;
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("v=0 answer", await answer.Content.ReadAsStringAsync());

        using var elsewhere = new HttpClient { BaseAddress = Cluster.Apis[1] };
        using var left = await elsewhere.DeleteAsync(new Uri(answer.Headers.Location!.AbsolutePath, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, left.StatusCode);
        Assert.Equal(viewerId, (string?)(await node.Hears("viewer_delete"))["viewer_id"]);
    }

    [ClusterFact]
    public async Task The_first_of_two_connections_at_different_front_ends_stays()
    {
        await using var node = await Streamer.Start(Cluster, Cluster.Apis[1]);
        var (client, socket) = await node.Connect(await Roster.Make(limit: 1), Cluster.Apis[0]);
        var hears = socket.ReceiveJson();
        Assert.Equal(System.Net.HttpStatusCode.Conflict, await TestSocket.Refused(Cluster.Apis[1], $"/signaling/client/{client.SessionId}?token={client.Token}"));
        await node.Say(client.SessionId, Offer);
        Assert.Equal("offer", (string?)(await hears)["type"]);
    }

    [ClusterFact]
    public async Task When_the_clients_front_end_is_killed_the_node_hears_that_it_is_lost_and_it_may_come_back_elsewhere()
    {
        await using var node = await Streamer.Start(Cluster, Cluster.Apis[1]);
        var account = await Roster.Make(limit: 2);
        var (client, socket) = await node.Connect(account, Cluster.Apis[2]);
        var (gone, _) = await node.Connect(account, Cluster.Apis[2]);
        await node.Say(client.SessionId, Offer);
        await socket.ReceiveType("offer");
        LocalCluster.KillFrontEnd(Cluster.FrontEnds[2]);

        // At once, as the published client does.
        var again = await (client with { At = Cluster.Apis[0] }).Connect();
        var heard = await HearBoth(node);
        Assert.Contains(("client_disconnected", client.SessionId), heard);
        Assert.Contains(("client_connected", client.SessionId), heard);
        await node.Say(client.SessionId, Offer);
        Assert.Equal("offer", (string?)(await again.ReceiveType("offer"))["type"]);

        // The other never comes back, and is missed all the same.
        if (!heard.Contains(("client_disconnected", gone.SessionId)))
            Assert.Equal(gone.SessionId, (string?)(await node.Hears("client_disconnected"))["session_id"]);
        await Eventually.Holds("its connection is lost", Outage, async () => (await gone.Read(Cluster.Apis[0])).Events.Any(line => line.Type == "connection_lost"));
    }

    [ClusterFact]
    public async Task When_the_nodes_front_end_is_killed_its_clients_wait_for_its_next_channel()
    {
        await using var node = await Streamer.Start(Cluster, Cluster.Apis[3]);
        var (client, socket) = await node.Connect(await Roster.Make(limit: 1), Cluster.Apis[0]);
        LocalCluster.KillFrontEnd(Cluster.FrontEnds[3]);
        // What it says while nobody can take it counts as well.
        await socket.Send("""{"type":"answer","sdp":"before it"}""");
        await node.Reopen(Cluster.Apis[1]);
        Assert.Equal(client.SessionId, (string?)(await node.Hears("client_connected"))["session_id"]);
        await socket.Send("""{"type":"answer","sdp":"after it"}""");
        Assert.Equal("before it", (string?)(await node.HearsMessage())["sdp"]);
        Assert.Equal("after it", (string?)(await node.HearsMessage())["sdp"]);
        await node.Say(client.SessionId, Offer);
        Assert.Equal("offer", (string?)(await socket.ReceiveType("offer"))["type"]);
        Assert.Equal("connected", (await client.Read(Cluster.Apis[1])).State);
    }

    [ClusterFact]
    public async Task When_every_silo_has_been_replaced_connections_go_on()
    {
        await using var node = await Streamer.Start(Cluster, Cluster.Apis[1]);
        var account = await Roster.Make(limit: 2);
        var (client, socket) = await node.Connect(account, Cluster.Apis[0]);
        // Both listen all the time, or they would not answer pings either.
        var (message, offer) = (node.HearsMessage(), socket.ReceiveType("offer"));
        var old = Cluster.Silos.ToArray();
        await Cluster.AddSilos(1);
        foreach (var silo in old)
            await Cluster.Stop(silo);
        await socket.Send("""{"type":"answer","sdp":"after it"}""");
        Assert.Equal("after it", (string?)(await message)["sdp"]);
        await node.Say(client.SessionId, Offer);
        Assert.Equal("offer", (string?)(await offer)["type"]);
        // And a new one finds the node, whose channel is known again by then.
        var (_, second) = await node.Connect(account, Cluster.Apis[0]);
        await second.DisposeAsync();
    }

    static async Task<List<(string?, string?)>> HearBoth(Streamer node)
    {
        var heard = new List<(string?, string?)>();
        while (!heard.Any(news => news.Item1 == "client_connected"))
        {
            var news = await node.Channel.ReceiveJson();
            heard.Add(((string?)news["type"], (string?)news["session_id"]));
        }

        return heard;
    }

    sealed record Started(string BroadcastId, string SpectatorToken);
}
