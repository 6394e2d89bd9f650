using System.Text.Json.Nodes;

namespace SessionManager.Tests.Signaling;

/// <summary>A node whose channel is at one front end, for clients at any.</summary>
sealed class Streamer : IAsyncDisposable
{
    static readonly TimeSpan Beat = TimeSpan.FromSeconds(4);
    static int _made;

    readonly LocalCluster _cluster;
    readonly CancellationTokenSource _stop = new();
    readonly HashSet<string> _streaming = [];
    readonly Task _beating;

    Streamer(LocalCluster cluster, string id, TestSocket channel)
    {
        (_cluster, Id, Channel) = (cluster, id, channel);
        _beating = KeepLease();
    }

    public string Id { get; }
    public string Path => $"/api/nodes/{Id}";
    public TestSocket Channel { get; private set; }

    public static async Task<Streamer> Start(LocalCluster cluster, Uri at, int capacity = 10)
    {
        var id = $"streamer-{Interlocked.Increment(ref _made)}";
        await Wire.Get<object>(HttpMethod.Put, cluster.Apis[0], $"/api/nodes/{id}", cluster.Demo.NodeKey, new { region = id, model = "test", capacity });
        return new(cluster, id, await Open(cluster, id, at));
    }

    public async Task Reopen(Uri at) => Channel = await Open(_cluster, Id, at);

    /// <summary>The next message of a client. News that is repeated after a channel or a front end came back is passed over, as a node must.</summary>
    public async Task<JsonObject> HearsMessage()
    {
        while (true)
        {
            if ((await Channel.ReceiveJson())["message"] is JsonObject message)
                return message;
        }
    }

    /// <summary>The next news of the kind; a client that has connected is streamed to from then on.</summary>
    public async Task<JsonObject> Hears(string type)
    {
        var news = await Channel.ReceiveType(type);
        lock (_streaming)
        {
            if (type == "client_connected")
                _streaming.Add((string)news["session_id"]!);
            else if (type == "client_disconnected")
                _streaming.Remove((string)news["session_id"]!);
        }

        return news;
    }

    /// <summary>A session of this node. For a moment after the node was registered a silo may still know only of others, and place it there.</summary>
    public async Task<Client> Mint(Account account, Uri at)
    {
        while (true)
        {
            var minted = await Wire.Get<Minted>(HttpMethod.Post, _cluster.Apis[0], "/credentials", account.Key, new { region_latencies = new Dictionary<string, int> { [Id] = 1 } });
            var client = new Client(account, at, minted.SessionId, minted.SessionToken);
            if ((await client.Read(_cluster.Apis[0])).NodeId == Id)
                return client;
            await Wire.Send(HttpMethod.Delete, _cluster.Apis[0], $"/api/sessions/{minted.SessionId}", account.Key);
        }
    }

    /// <summary>A client at that front end that the node knows.</summary>
    public async Task<(Client Client, TestSocket Socket)> Connect(Account account, Uri at)
    {
        var client = await Mint(account, at);
        var socket = await client.Connect();
        Assert.Equal(client.SessionId, (string?)(await Hears("client_connected"))["session_id"]);
        return (client, socket);
    }

    public Task Say(string sessionId, string message) => Channel.Send($$"""{"session_id":"{{sessionId}}","message":{{message}}}""");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        _stop.Dispose();
        await Channel.DisposeAsync();
        await Wire.Send(HttpMethod.Delete, _cluster.Apis[0], Path, _cluster.Demo.NodeKey);
    }

    static Task<TestSocket> Open(LocalCluster cluster, string id, Uri at) => TestSocket.Open(at, $"/api/nodes/{id}/channel", cluster.Demo.NodeKey);

    /// <summary>By the front end that no test ends.</summary>
    async Task KeepLease()
    {
        while (!_stop.IsCancellationRequested)
        {
            string[] sessions;
            lock (_streaming)
                sessions = [.. _streaming];
            try
            {
                await Wire.Send(HttpMethod.Post, _cluster.Apis[0], $"{Path}/heartbeat", _cluster.Demo.NodeKey, new { sessions });
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
            }

            await Task.Delay(Beat, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    sealed record Minted(string SessionId, string SessionToken);
}

/// <summary>One session's client, at a front end of its own.</summary>
sealed record Client(Account Account, Uri At, string SessionId, string Token)
{
    public Task<TestSocket> Connect() => TestSocket.Open(At, $"/signaling/client/{SessionId}?token={Token}");

    public async Task<Known> Read(Uri api) => await Wire.Get<Known>(HttpMethod.Get, api, $"/api/sessions/{SessionId}", Account.Key);

    internal sealed record Known(string State, string NodeId, string? Reason, Event[] Events);

    internal sealed record Event(string Type);
}
