using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using SessionManager.Client;

namespace SessionManager.Tests.Client;

/// <summary>A node against a stand-in that says what the channel may say.</summary>
public class StreamingNodeTests
{
    [Fact]
    public async Task A_node_registers_takes_a_client_and_offers()
    {
        await using var world = await World.Start();
        using var channel = await world.Open();
        Assert.Equal("PUT /api/nodes/n1 Bearer k", await world.Heard());

        await channel.Say("""{"type":"client_connected","session_id":"s1","connection_id":"c1"}""");
        Assert.Equal("connected s1 c1", await world.Told());
        await world.Node.SendAsync("s1", JsonElement.Parse("""{"type":"offer","sdp":"v=0"}"""));
        Assert.Equal("""{"session_id":"s1","message":{"type":"offer","sdp":"v=0"}}""", await channel.Hear());

        await channel.Say("""{"session_id":"s1","message":{"type":"answer","sdp":"v=0"}}""");
        Assert.Equal("""message s1 {"type":"answer","sdp":"v=0"}""", await world.Told());
        await channel.Say("""{"type":"new_in_a_later_server"}""");
        await channel.Say("""{"type":"client_disconnected","session_id":"s1","connection_id":"c1","clean":true}""");
        Assert.Equal("disconnected s1 c1 True", await world.Told());
        await channel.Say("""{"type":"drop","session_id":"s1","reason":"client_disconnected"}""");
        Assert.Equal("dropped s1 client_disconnected", await world.Told());
    }

    [Fact]
    public async Task A_heartbeat_names_the_clients_that_are_there_and_ends_what_the_server_names()
    {
        await using var world = await World.Start();
        using var channel = await world.Open();
        await channel.Say("""{"type":"client_connected","session_id":"s1","connection_id":"c1"}""");
        await world.Told();
        await world.HeartbeatWith("""{"sessions":["s1"],"load":0.5}""");
        world.Drop = ["s1"];
        Assert.Equal("dropped s1 ", await world.Told());
        world.Drop = [];
        await world.HeartbeatWith("""{"sessions":[],"load":0.5}""");
    }

    [Fact]
    public async Task A_broken_channel_is_opened_again_and_the_lease_goes_on_meanwhile()
    {
        await using var world = await World.Start();
        using (var channel = await world.Open())
        {
            await channel.Say("""{"type":"client_connected","session_id":"s1","connection_id":"c1"}""");
            await world.Told();
            channel.Abort();
        }

        using var again = await world.Open();
        await world.HeartbeatWith("""{"sessions":["s1"],"load":0.5}""");
        await again.Say("""{"type":"client_connected","session_id":"s1","connection_id":"c2"}""");
        Assert.Equal("connected s1 c2", await world.Told());
        // Late news of the connection before changes nothing.
        await again.Say("""{"type":"client_disconnected","session_id":"s1","connection_id":"c1","clean":false}""");
        Assert.Equal("disconnected s1 c1 False", await world.Told());
        Assert.Equal(["s1"], world.Node.SessionIds);
    }

    [Fact]
    public async Task A_client_that_has_had_its_offer_is_let_be_or_where_that_was_another_process_asked_to_come_again()
    {
        await using var world = await World.Start();
        using var channel = await world.Open();
        await channel.Say("""{"type":"client_connected","session_id":"s1","connection_id":"c1"}""");
        Assert.Equal("connected s1 c1", await world.Told());
        await channel.Say("""{"type":"client_connected","session_id":"s1","connection_id":"c1","offered":true}""");
        await channel.Say("""{"type":"client_connected","session_id":"s2","connection_id":"c2","offered":true}""");
        Assert.Equal("""{"type":"disconnected","session_id":"s2","connection_id":"c2","reason":"lost"}""", await channel.Hear());
        await channel.Say("""{"type":"client_connected","session_id":"s1","connection_id":"c1","offered":false}""");
        Assert.Equal("connected s1 c1", await world.Told());
        Assert.Equal(["s1"], world.Node.SessionIds);
    }

    [Fact]
    public async Task A_client_whose_media_failed_is_reported_over_the_channel_or_where_that_is_broken_by_a_request()
    {
        await using var world = await World.Start();
        using (var channel = await world.Open())
        {
            // The node knows that its channel is open once it has heard something on it.
            await channel.Say("""{"type":"client_connected","session_id":"s1","connection_id":"c1"}""");
            Assert.Equal("connected s1 c1", await world.Told());
            await world.Node.DisconnectAsync(new("s1", "c1"), clean: false);
            Assert.Equal("""{"type":"disconnected","session_id":"s1","connection_id":"c1","reason":"lost"}""", await channel.Hear());
        }

        using var stopped = world.NewNode();
        await stopped.DisconnectAsync(new("s1", "c1"), clean: true);
        await world.HeardAtLast("""POST /api/nodes/n1/sessions/s1/disconnected Bearer k {"connection_id":"c1","reason":"clean"}""");
    }

    [Theory, InlineData(4000, "Another process runs the node n1 now."), InlineData(4004, "The node n1 was deleted.")]
    public async Task A_node_that_is_not_to_go_on_does_not(int code, string says)
    {
        await using var world = await World.Start();
        using var channel = await world.Open();
        await channel.Close(code);
        Assert.Equal(says, (await Assert.ThrowsAsync<StreamingNodeEndedException>(() => world.Running)).Message);
    }

    [Fact]
    public async Task A_key_that_is_revoked_while_the_node_runs_ends_it()
    {
        await using var world = await World.Start();
        using var channel = await world.Open();
        world.KeyRevoked = true;
        await channel.Close(4001);
        Assert.Equal("invalid_key", (await Assert.ThrowsAsync<SessionManagerAuthenticationException>(() => world.Running)).Code);
    }

    [Fact]
    public async Task An_image_comes_in_one_piece()
    {
        await using var world = await World.Start();
        using var channel = await world.Open();
        var image = new string('A', 300_000);
        await channel.Say($$$"""{"session_id":"s1","message":{"type":"interactive_stream_start","input_image_base64":"{{{image}}}"}}""");
        Assert.Equal(300_000, (await world.Told()).Count(character => character == 'A'));
    }

    [Fact]
    public async Task Viewers_are_answered_counted_and_ended_as_the_handler_says()
    {
        await using var world = await World.Start();
        using var channel = await world.Open();
        await channel.Say(Offer("v1", "v=0"));
        Assert.Equal("""{"type":"viewer_answer","viewer_id":"v1","sdp":"answer to v=0"}""", await channel.Hear());
        await channel.Say(Offer("v2", "busy"));
        Assert.Equal("""{"type":"viewer_refused","viewer_id":"v2","reason":"busy"}""", await channel.Hear());
        await channel.Say(Offer("v3", "throw"));
        Assert.Equal("""{"type":"viewer_refused","viewer_id":"v3","reason":"unacceptable"}""", await channel.Hear());
        Assert.Equal("""{"type":"heartbeat","sessions":[],"viewers":{"b1":["v1"]}}""", await channel.Hear());

        await channel.Say("""{"type":"viewer_trickle","viewer_id":"v1","sdp_fragment":"a=mid:0"}""");
        Assert.Equal("trickled v1 a=mid:0", await world.Told());
        await channel.Say("""{"type":"viewer_delete","viewer_id":"v1","reason":"deleted"}""");
        Assert.Equal("viewer ended v1 deleted", await world.Told());
        await world.Node.ViewerGoneAsync("b1", "v9");
        var heard = await channel.Hear();
        while (heard.Contains("heartbeat", StringComparison.Ordinal) && heard.Contains("v1", StringComparison.Ordinal))
            heard = await channel.Hear();
        string[] ofV9 = ["""{"type":"viewer_gone","viewer_id":"v9","broadcast_id":"b1"}""", """{"type":"heartbeat","sessions":[],"viewers":{"b1":[]}}"""];
        Assert.Contains(heard, ofV9);
        await channel.Say("""{"type":"broadcast_ended","broadcast_id":"b1","session_id":"s1"}""");
        Assert.Equal("broadcast ended b1 s1", await world.Told());
    }

    [Fact]
    public async Task A_node_whose_handler_knows_no_viewers_refuses_them_at_once()
    {
        await using var world = await World.Start(new NoViewers());
        using var channel = await world.Open();
        await channel.Say(Offer("v1", "v=0"));
        Assert.Equal("""{"type":"viewer_refused","viewer_id":"v1","reason":"not_found"}""", await channel.Hear());
    }

    static string Offer(string viewerId, string sdp) =>
        $$"""{"type":"viewer_offer","viewer_id":"{{viewerId}}","broadcast_id":"b1","session_id":"s1","expires_at":"2030-01-01T00:00:00Z","sdp":"{{sdp}}"}""";

    sealed class NoViewers : IStreamingNodeHandler
    {
        public Task ClientConnectedAsync(NodeConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;
        public Task MessageReceivedAsync(string sessionId, JsonElement message, CancellationToken cancellationToken) => Task.CompletedTask;
        public Task ClientDisconnectedAsync(NodeConnection connection, bool clean, CancellationToken cancellationToken) => Task.CompletedTask;
        public Task SessionDroppedAsync(string sessionId, string? reason, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    sealed class World : IStreamingNodeHandler, IAsyncDisposable
    {
        readonly Channel<string> _told = Channel.CreateUnbounded<string>();
        readonly Channel<string> _heard = Channel.CreateUnbounded<string>();
        readonly Channel<string> _heartbeats = Channel.CreateUnbounded<string>();
        readonly Channel<ServerSide> _channels = Channel.CreateUnbounded<ServerSide>();
        readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));
        StandInServer _server = null!;
        SessionManagerClient _client = null!;

        public StreamingNode Node { get; private set; } = null!;
        public Task Running { get; private set; } = null!;
        public string[] Drop { get; set; } = [];
        public bool KeyRevoked { get; set; }

        IStreamingNodeHandler? _handler;

        public static async Task<World> Start(IStreamingNodeHandler? handler = null)
        {
            var world = new World { _handler = handler };
            world._server = await StandInServer.Start(world.Answer);
            world._client = new SessionManagerClient(new SessionManagerClientOptions { Address = world._server.Address, Credential = "k" });
            world.Node = world.NewNode();
            world.Running = world.Node.RunAsync(world._stop.Token);
            return world;
        }

        public StreamingNode NewNode() =>
            new(_client, new StreamingNodeOptions { NodeId = "n1", Registration = new("eu", "m1", 4), Load = () => 0.5 }, _handler ?? this);

        public async Task<ServerSide> Open() => await _channels.Reader.ReadAsync(_stop.Token);
        public async Task<string> Told() => await _told.Reader.ReadAsync(_stop.Token);
        public async Task<string> Heard() => await _heard.Reader.ReadAsync(_stop.Token);

        public async Task HeardAtLast(string request)
        {
            while (await Heard() != request)
            {
            }
        }

        public async Task HeartbeatWith(string body)
        {
            while (await _heartbeats.Reader.ReadAsync(_stop.Token) != body)
            {
            }
        }

        async Task Answer(HttpContext http)
        {
            if (http.WebSockets.IsWebSocketRequest)
            {
                var side = new ServerSide(await http.WebSockets.AcceptWebSocketAsync(), http);
                await _channels.Writer.WriteAsync(side);
                await side.Ended;
                return;
            }

            if (KeyRevoked)
            {
                await StandInServer.Refuse(http, 401, "invalid_key");
                return;
            }

            var body = await new StreamReader(http.Request.Body).ReadToEndAsync();
            if (http.Request.Path.Value!.EndsWith("/heartbeat", StringComparison.Ordinal))
            {
                await _heartbeats.Writer.WriteAsync(body);
                var drop = string.Join(',', Drop.Select(id => $"\"{id}\""));
                await http.Response.WriteAsync($$"""{"lease_seconds":1,"drop":[{{drop}}],"expected":[]}""");
                return;
            }

            await _heard.Writer.WriteAsync(
                $"{http.Request.Method} {http.Request.Path} {http.Request.Headers.Authorization}{(http.Request.Method == "PUT" ? "" : " " + body)}");
            await http.Response.WriteAsync(http.Request.Method == "PUT" ? """{"lease_seconds":1}""" : """
                {"session_id":"s1","state":"dropped","account_id":"usr_1","node_id":"n1","region":"eu","model":"m1",
                 "created_at":"2030-01-01T00:00:00.000Z","token_expired":true,"last_activity_at":"2030-01-01T00:00:00.000Z"}
                """);
        }

        public Task ClientConnectedAsync(NodeConnection connection, CancellationToken cancellationToken) =>
            Tell($"connected {connection.SessionId} {connection.ConnectionId}");

        public Task MessageReceivedAsync(string sessionId, JsonElement message, CancellationToken cancellationToken) =>
            Tell($"message {sessionId} {message.GetRawText()}");

        public Task ClientDisconnectedAsync(NodeConnection connection, bool clean, CancellationToken cancellationToken) =>
            Tell($"disconnected {connection.SessionId} {connection.ConnectionId} {clean}");

        public Task SessionDroppedAsync(string sessionId, string? reason, CancellationToken cancellationToken) =>
            Tell($"dropped {sessionId} {reason}");

        public Task<ViewerReply> ViewerOfferedAsync(ViewerOffer offer, CancellationToken cancellationToken) => Task.FromResult(offer.Sdp switch
        {
            "busy" => ViewerReply.Busy,
            "throw" => throw new FormatException(),
            _ => ViewerReply.Answer($"answer to {offer.Sdp}"),
        });

        public Task ViewerTrickledAsync(string viewerId, string fragment, CancellationToken cancellationToken) => Tell($"trickled {viewerId} {fragment}");

        public Task ViewerEndedAsync(string viewerId, string? reason, CancellationToken cancellationToken) => Tell($"viewer ended {viewerId} {reason}");

        public Task BroadcastEndedAsync(string broadcastId, string sessionId, CancellationToken cancellationToken) =>
            Tell($"broadcast ended {broadcastId} {sessionId}");

        Task Tell(string news) => _told.Writer.WriteAsync(news).AsTask();

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Node.Dispose();
            _client.Dispose();
            await _server.DisposeAsync();
            _stop.Dispose();
        }
    }

    sealed class ServerSide(WebSocket socket, HttpContext http) : IDisposable
    {
        readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public Task Say(string json) => socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, CancellationToken.None);

        public async Task<string> Hear()
        {
            var buffer = new byte[4096];
            var read = await socket.ReceiveAsync(buffer, CancellationToken.None);
            return Encoding.UTF8.GetString(buffer, 0, read.Count);
        }

        public Task Close(int code) => socket.CloseOutputAsync((WebSocketCloseStatus)code, null, CancellationToken.None);

        public void Abort() => http.Abort();

        public void Dispose() => _ended.TrySetResult();
    }
}
