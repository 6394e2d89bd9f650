using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using SessionManager.Keys;
using SessionManager.Signaling;

namespace SessionManager.Tests.Signaling;

/// <summary>A node with its channel open, and an account whose sessions it streams.</summary>
public sealed class StreamStage : IAsyncDisposable
{
    /// <summary>Held: a socket that nobody holds any more ends whenever memory is next collected.</summary>
    readonly ConcurrentBag<TestSocket> _clients = [];

    StreamStage(TestServer server, TestNode node, TestAccount account, TestCaller caller, TestSocket channel) =>
        (Server, Node, Account, Caller, Channel) = (server, node, account, caller, channel);

    public TestServer Server { get; }
    public TestNode Node { get; }

    /// <summary>Whose sessions they are.</summary>
    public TestAccount Account { get; }

    /// <summary>May mint, read and end sessions.</summary>
    public TestCaller Caller { get; }
    public TestSocket Channel { get; private set; }

    public static async Task<StreamStage> Start(TestServer server, int capacity = 100)
    {
        var node = await TestNode.Register(server, capacity);
        var account = await TestAccount.Open(server, maxConcurrent: 100_000);
        var caller = await account.WithKey(Scopes.SessionsRead, Scopes.SessionsWrite);
        return new(server, node, account, caller, await OpenChannel(server, node));
    }

    /// <summary>On the server that tests share.</summary>
    public static async Task<StreamStage> Start() => await Start(await TestServer.OnSqlite());

    public static Task<TestSocket> OpenChannel(TestServer server, TestNode node) =>
        TestSocket.Open(server.Address, $"{node.Path}/channel", node.Caller.Credential);

    public async Task<TestSession> Mint()
    {
        var answer = await Caller.Post("/credentials", Node.Body).Json(HttpStatusCode.Created);
        return new(this, answer.Text("session_id"), answer.Text("session_token"));
    }

    /// <summary>A client that is connected, and known to the node.</summary>
    public async Task<(TestSession Session, TestSocket Client, string ConnectionId)> Connect()
    {
        var session = await Mint();
        var client = await session.Connect();
        _clients.Add(client);
        var announced = await Channel.ReceiveJson();
        Assert.Equal("client_connected", announced.Text("type"));
        Assert.Equal(session.Id, announced.Text("session_id"));
        return (session, client, announced.Text("connection_id"));
    }

    /// <summary>The node's next channel, as after its network has come back; others find it.</summary>
    public async Task Reopen()
    {
        var grain = Server.Grains.GetGrain<IChannelGrain>(Node.Id);
        var before = await grain.FindChannel();
        Channel = await OpenChannel(Server, Node);
        var found = await Eventually.Get(grain.FindChannel, found => found is not null && found.ChannelId != before?.ChannelId);
        Assert.NotEqual(before?.ChannelId, found?.ChannelId);
    }

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        foreach (var client in _clients)
            await client.DisposeAsync();
    }
}

/// <summary>One session of a <see cref="StreamStage"/>.</summary>
public sealed record TestSession(StreamStage Stream, string Id, string Token)
{
    public string Path => $"/signaling/client/{Id}?token={Token}";

    public Task<TestSocket> Connect(string? origin = null) => TestSocket.Open(Stream.Server.Address, Path, origin: origin);

    public Task<HttpStatusCode> Refused(string? origin = null) => TestSocket.Refused(Stream.Server.Address, Path, origin: origin);

    public Task<JsonObject> Read() => Stream.Caller.Get($"/api/sessions/{Id}").Json();

    /// <summary>What the node says to its client.</summary>
    public string ToClient(string message) => $$"""{"session_id":"{{Id}}","message":{{message}}}""";

    /// <summary>As it reads once it is so.</summary>
    public async Task<JsonObject> Becomes(Func<JsonObject, bool> so)
    {
        var session = await Eventually.Get(Read, so);
        Assert.True(so(session), $"It stays as it is: {session}");
        return session;
    }

    public Task<JsonObject> Drops() => Becomes(session => session.Text("state") == "dropped");

    /// <summary>Its connection has ended, and it may be connected again.</summary>
    public Task<JsonObject> IsLost() => Becomes(session => session["events"]!.AsArray().Any(line => (string?)line!["type"] == "connection_lost"));
}
