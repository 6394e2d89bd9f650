using System.Text.Json;
using System.Threading.Channels;
using SessionManager.Client;
using SessionManager.Keys;
using SessionManager.Tests.Signaling;

namespace SessionManager.Tests.Client;

/// <summary>The .NET client's streaming node, on the real server's channel, with a client on its socket.</summary>
public class StreamingNodeTests
{
    [Fact]
    public async Task A_node_streams_a_session_from_its_clients_connect_to_its_owners_drop()
    {
        await using var server = await TestServer.Start();
        using var reporter = new SessionManagerClient(server.Address, await (await TestAccount.Open(server, admin: true)).Key(Scopes.NodesReport));
        using var owner = new SessionManagerClient(
            server.Address, await (await TestAccount.Open(server)).Key(Scopes.SessionsRead, Scopes.SessionsWrite));
        var streamer = new Streamer();
        using var node = new StreamingNode(reporter, new StreamingNodeOptions { NodeId = "n1", Registration = new("eu", "m1", 4) }, streamer);
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        streamer.Node = node;
        var running = node.RunAsync(stop.Token);

        var credentials = await Minted(owner, stop.Token);
        await using var client = await TestSocket.Open(server.Address, $"/signaling/client/{credentials.SessionId}?token={credentials.SessionToken}");
        Assert.Equal($"connected {credentials.SessionId}", await streamer.Told(stop.Token));
        Assert.Equal("offer", (await client.ReceiveJson()).Text("type"));
        await client.Send("""{"type":"answer","sdp":"v=0"}""");
        Assert.Equal("""message {"type":"answer","sdp":"v=0"}""", await streamer.Told(stop.Token));
        Assert.Equal(SessionStates.Connected, (await owner.Sessions.GetAsync(credentials.SessionId, stop.Token)).State);

        await owner.Sessions.DropAsync(credentials.SessionId, stop.Token);
        Assert.Contains($"dropped {credentials.SessionId} terminated", new[] { await streamer.Told(stop.Token), await streamer.Told(stop.Token) });

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    /// <summary>Once the node has registered.</summary>
    static async Task<ClientCredentials> Minted(SessionManagerClient owner, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await owner.Credentials.CreateAsync(new() { Wait = TimeSpan.FromSeconds(30) }, cancellation);
            }
            catch (NoStreamerAvailableException)
            {
                // Not yet.
            }
        }
    }

    sealed class Streamer : IStreamingNodeHandler
    {
        readonly Channel<string> _told = Channel.CreateUnbounded<string>();

        public StreamingNode Node { get; set; } = null!;

        public async Task<string> Told(CancellationToken cancellation) => await _told.Reader.ReadAsync(cancellation);

        public async Task ClientConnectedAsync(NodeConnection connection, CancellationToken cancellationToken)
        {
            await _told.Writer.WriteAsync($"connected {connection.SessionId}", cancellationToken);
            await Node.SendAsync(connection.SessionId, JsonElement.Parse("""{"type":"offer","sdp":"v=0"}"""), cancellationToken);
        }

        public Task MessageReceivedAsync(string sessionId, JsonElement message, CancellationToken cancellationToken) =>
            _told.Writer.WriteAsync($"message {message.GetRawText()}", cancellationToken).AsTask();

        public Task ClientDisconnectedAsync(NodeConnection connection, bool clean, CancellationToken cancellationToken) =>
            _told.Writer.WriteAsync("disconnected", cancellationToken).AsTask();

        public Task SessionDroppedAsync(string sessionId, string? reason, CancellationToken cancellationToken) =>
            _told.Writer.WriteAsync($"dropped {sessionId} {reason}", cancellationToken).AsTask();
    }
}
