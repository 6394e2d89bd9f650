using System.Text;

namespace SessionManager.Tests.Signaling;

/// <summary>Messages between a client and its node.</summary>
public class RelayTests
{
    const string Offer = """{"type":"offer","sdp":"v=0\r\n"}""";

    [Fact]
    public async Task What_node_and_client_say_arrives_as_it_was_said()
    {
        await using var stream = await StreamStage.Start();
        var (session, client, _) = await stream.Connect();
        await stream.Channel.Send(session.ToClient("""{ "type":"offer", "sdp":"v=0 é \u00e9" }"""));
        Assert.Equal("""{ "type":"offer", "sdp":"v=0 é \u00e9" }""", Encoding.UTF8.GetString(await client.ReceiveBytes()));
        await client.Send("""{"type":"answer","sdp":"a=1","more":[1,2]}""");
        Assert.Equal(
            $$$"""{"session_id":"{{{session.Id}}}","message":{"type":"answer","sdp":"a=1","more":[1,2]}}""",
            Encoding.UTF8.GetString(await stream.Channel.ReceiveBytes()));
    }

    [Fact]
    public async Task Order_is_kept_both_ways()
    {
        await using var stream = await StreamStage.Start();
        var (session, client, _) = await stream.Connect();
        for (var number = 0; number < 150; number++)
        {
            await client.Send($$"""{"type":"ice_candidate","candidate":"{{number}}"}""");
            await stream.Channel.Send(session.ToClient($$"""{"type":"ice_candidate","candidate":"{{number}}"}"""));
        }

        for (var number = 0; number < 150; number++)
        {
            Assert.Equal($"{number}", (await client.ReceiveJson()).Text("candidate"));
            Assert.Equal($"{number}", (string?)(await stream.Channel.ReceiveJson())["message"]!["candidate"]);
        }
    }

    [Fact]
    public async Task Each_client_hears_only_what_is_for_it()
    {
        await using var stream = await StreamStage.Start();
        var (first, one, _) = await stream.Connect();
        var (second, two, _) = await stream.Connect();
        await stream.Channel.Send(second.ToClient("""{"type":"offer","sdp":"two"}"""));
        await stream.Channel.Send(first.ToClient("""{"type":"offer","sdp":"one"}"""));
        Assert.Equal("one", (await one.ReceiveJson()).Text("sdp"));
        Assert.Equal("two", (await two.ReceiveJson()).Text("sdp"));
    }

    [Fact]
    public async Task A_start_with_a_large_image_arrives_whole()
    {
        await using var stream = await StreamStage.Start();
        var (session, client, _) = await stream.Connect();
        var image = new string('A', 34_000_000);
        var start = $$"""{"type":"interactive_stream_start","prompt":"a cat","input_image_base64":"{{image}}"}""";
        var sending = client.Send(start);
        var arrived = await stream.Channel.ReceiveBytes();
        await sending;
        Assert.True(
            Encoding.UTF8.GetBytes($$"""{"session_id":"{{session.Id}}","message":{{start}}}""").AsSpan().SequenceEqual(arrived),
            $"{arrived.Length} bytes are not what was sent.");
        // And the way is free again behind it.
        await client.Send("""{"type":"ice_candidate","candidate":"x"}""");
        Assert.Equal("x", (string?)(await stream.Channel.ReceiveJson())["message"]!["candidate"]);
    }

    [Fact]
    public async Task Keepalives_and_unknown_types_go_nowhere()
    {
        await using var stream = await StreamStage.Start();
        var (session, client, _) = await stream.Connect();
        await client.Send("""{"type":"keepalive"}""");
        await client.Send("""{"type":"offer","sdp":"a client offers nothing"}""");
        await client.Send("""{"type":"of a later day"}""");
        await stream.Channel.Send(session.ToClient("""{"type":"answer","sdp":"a node answers nothing"}"""));
        await stream.Channel.Send("""{"type":"of a later day"}""");
        await stream.Channel.Send("""{"session_id":"ses_aaaaaaaaaaaaaaaaaaaaaaaaaa","message":{"type":"offer","sdp":"nobody's"}}""");
        await client.Send("""{"type":"answer","sdp":"a"}""");
        Assert.Equal("answer", (string?)(await stream.Channel.ReceiveJson())["message"]!["type"]);
        await stream.Channel.Send(session.ToClient(Offer));
        Assert.Equal("offer", (await client.ReceiveJson()).Text("type"));
    }

    [Fact]
    public async Task An_offer_meant_for_an_earlier_connection_does_not_reach_the_next_one()
    {
        await using var stream = await StreamStage.Start();
        var (session, first, old) = await stream.Connect();
        first.Abort();
        await stream.Channel.ReceiveType("client_disconnected");
        await using var client = await session.Connect();
        var connectionId = (await stream.Channel.ReceiveType("client_connected")).Text("connection_id");
        Assert.NotEqual(old, connectionId);
        string To(string connection, string sdp) =>
            $$$"""{"session_id":"{{{session.Id}}}","connection_id":"{{{connection}}}","message":{"type":"offer","sdp":"{{{sdp}}}"}}""";
        await stream.Channel.Send(To(old, "late"));
        await stream.Channel.Send(To(connectionId, "right"));
        Assert.Equal("right", (await client.ReceiveJson()).Text("sdp"));
    }
}
