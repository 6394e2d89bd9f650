using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace SessionManager.Tests.Signaling;

/// <summary>What a socket does not take.</summary>
public class LimitTests
{
    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("{}")]
    [InlineData("""{"type":1}""")]
    [InlineData("""{"type":"answer","sdp":"x\"}""")]
    [InlineData("""{"type":"answer"},"session_id":"another's","x":{}""")]
    [InlineData("""{"type":"keepalive","type":"answer"}""")]
    [InlineData("""{"type":"answer"}{"type":"answer"}""")]
    public async Task What_is_no_message_closes_the_socket_and_goes_nowhere(string text)
    {
        await using var stream = await StreamStage.Start();
        var (session, client, _) = await stream.Connect();
        await client.Send(text);
        Assert.Equal(1007, await client.Closed());
        Assert.Equal("client_disconnected", (await stream.Channel.ReceiveJson()).Text("type"));
        await session.IsLost();
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_closes_the_socket()
    {
        await using var stream = await StreamStage.Start();
        var (_, client, _) = await stream.Connect();
        await client.Send(new byte[] { (byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)'}' });
        Assert.Equal(1007, await client.Closed());
    }

    [Fact]
    public async Task A_binary_message_closes_the_socket()
    {
        await using var stream = await StreamStage.Start();
        var (_, client, _) = await stream.Connect();
        await client.Send(Encoding.UTF8.GetBytes("""{"type":"keepalive"}"""), type: WebSocketMessageType.Binary);
        Assert.Equal(1003, await client.Closed());
        await stream.Channel.Send(new byte[] { 1 }, type: WebSocketMessageType.Binary);
        Assert.Equal(1003, await stream.Channel.Closed());
    }

    [Theory]
    [InlineData("answer", 65_537)]
    [InlineData("interactive_stream_start", 37_748_737)]
    public async Task A_message_larger_than_its_type_may_be_closes_the_socket(string type, int bytes)
    {
        await using var stream = await StreamStage.Start();
        var (_, client, _) = await stream.Connect();
        var start = $$"""{"type":"{{type}}","sdp":" """;
        try
        {
            await client.Send(start + new string('x', bytes - start.Length - 2) + "\"}");
        }
        catch (WebSocketException)
        {
            // It may be closed before all of it is sent.
        }

        Assert.Equal(1009, await client.Closed());
    }

    [Theory]
    [InlineData("answer", 65_536)]
    [InlineData("interactive_stream_start", 65_537)]
    public async Task A_message_as_large_as_its_type_may_be_arrives(string type, int bytes)
    {
        await using var stream = await StreamStage.Start();
        var (_, client, _) = await stream.Connect();
        var start = $$"""{"type":"{{type}}","sdp":" """;
        var message = start + new string('x', bytes - start.Length - 2) + "\"}";
        Assert.Equal(bytes, message.Length);
        await client.Send(message);
        Assert.EndsWith(message + "}", Encoding.UTF8.GetString(await stream.Channel.ReceiveBytes()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_message_that_does_not_say_early_what_it_is_closes_the_socket()
    {
        await using var stream = await StreamStage.Start();
        var (_, client, _) = await stream.Connect();
        await client.Send($$"""{"input_image_base64":"{{new string('A', 70_000)}}","type":"interactive_stream_start"}""");
        Assert.Equal(1009, await client.Closed());
    }

    [Fact]
    public async Task Too_many_messages_close_the_socket()
    {
        await using var server = await TestServer.Start(settings: ["--Gateway:MessageBurst=5", "--Gateway:MessagesPerSecond=1"]);
        await using var stream = await StreamStage.Start(server);
        var (session, client, _) = await stream.Connect();
        for (var sent = 0; sent < 50; sent++)
            await client.Send("""{"type":"keepalive"}""");
        Assert.Equal(1008, await client.Closed());
        await session.IsLost();
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_cut_and_the_others_notice_nothing()
    {
        await using var server = await TestServer.Start(settings: ["--Gateway:SendSeconds=1", "--Gateway:SilenceSeconds=3600"]);
        await using var stream = await StreamStage.Start(server);
        var (slow, _, _) = await stream.Connect();
        var (quick, client, _) = await stream.Connect();
        // More than all buffers on the way can hold.
        var candidate = $$"""{"type":"ice_candidate","candidate":"{{new string('x', 60_000)}}"}""";
        var news = stream.Channel.ReceiveType("client_disconnected");
        for (var sent = 0; !news.IsCompleted; sent++)
        {
            await stream.Channel.Send(slow.ToClient(candidate));
            if (sent % 16 != 0)
                continue;
            await stream.Channel.Send(quick.ToClient("""{"type":"ice_candidate","candidate":"x"}"""));
            await client.ReceiveType("ice_candidate");
        }

        Assert.Equal(slow.Id, (await news).Text("session_id"));
        await slow.IsLost();
    }

    [Fact]
    public async Task A_client_whose_peer_is_gone_without_a_word_is_missed()
    {
        // The node is pinged as well, and must not be taken for silent where the machine is busy.
        await using var server = await TestServer.Start(settings: ["--Gateway:PingSeconds=1", "--Gateway:SilenceSeconds=8", "--Gateway:OfferSeconds=3600"]);
        await using var stream = await StreamStage.Start(server);
        var channel = stream.Channel.ReceiveType("client_disconnected");
        var session = await stream.Mint();
        using var silent = await RawClient.Open(server.Address, session.Path);
        Assert.Equal(session.Id, (await channel).Text("session_id"));
        await session.IsLost();
    }

    [Fact]
    public async Task A_client_that_says_nothing_but_answers_pings_stays()
    {
        await using var server = await TestServer.Start(
            settings: ["--Gateway:PingSeconds=10", "--Gateway:SilenceSeconds=3600", "--Gateway:ProbeSeconds=60"]);
        await using var stream = await StreamStage.Start(server);
        var (session, client, _) = await stream.Connect();
        await stream.Channel.Send(session.ToClient("""{"type":"offer","sdp":"x"}"""));
        Assert.Equal("offer", (await client.ReceiveJson()).Text("type"));
        var hears = client.ReceiveJson();
        for (var times = 0; times < 3; times++)
        {
            await stream.Channel.Send($$"""{"type":"heartbeat","id":1,"sessions":["{{session.Id}}"]}""");
            await stream.Channel.ReceiveType("result");
            // Refused because the first has answered a ping, and so is not silent any more.
            Assert.Equal(HttpStatusCode.Conflict, await session.Refused());
            server.Time.Elapse(TimeSpan.FromMinutes(40));
        }

        await stream.Channel.Send(session.ToClient("""{"type":"ice_candidate","candidate":"x"}"""));
        Assert.Equal("ice_candidate", (await hears).Text("type"));
    }
}
