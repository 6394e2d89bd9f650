using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using SessionManager.Keys;
using SessionManager.Tests.Signaling;

namespace SessionManager.Tests.Broadcasts;

/// <summary>A session that is connected and broadcast by a node of a test's own, which answers viewers as the test says.</summary>
sealed class TestBroadcast : IAsyncDisposable
{
    /// <summary>As a browser makes one, shortened.</summary>
    public const string Offer =
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n"
        + "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\na=mid:0\r\na=recvonly\r\na=rtpmap:96 VP8/90000\r\n";
    public const string Answer = "v=0\r\no=- 3 4 IN IP4 127.0.0.1\r\ns=-\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=setup:active\r\n";

    /// <summary>On which a node may be silent, and a driver without a picture, for as long as a test takes.</summary>
    static readonly Lazy<Task<TestServer>> Shared = new(() => StartServer());

    TestBroadcast(StreamStage stream, TestSession session, TestSocket client, TestCaller owner, JsonObject started) =>
        (Stream, Session, Client, Owner, Started) = (stream, session, client, owner, started);

    public StreamStage Stream { get; }
    public TestSession Session { get; }

    /// <summary>The driver's socket.</summary>
    public TestSocket Client { get; }

    /// <summary>May list, end and share the account's broadcasts.</summary>
    public TestCaller Owner { get; }

    /// <summary>What the node was answered when it started it.</summary>
    public JsonObject Started { get; }
    public string Id => Started.Text("broadcast_id");
    public string Token => Started.Text("spectator_token");
    public string Path => $"/broadcasts/{Id}";
    TestServer Server => Stream.Server;

    public static async Task<TestBroadcast> Start(TestServer server)
    {
        var stream = await StreamStage.Start(server);
        var (session, client, _) = await stream.Connect();
        var owner = await stream.Account.WithKey(Scopes.BroadcastsRead, Scopes.BroadcastsWrite);
        return new(stream, session, client, owner, await Announce(stream, session).Json(HttpStatusCode.Created));
    }

    public static async Task<TestBroadcast> Start() => await Start(await Shared.Value);

    public static Task<TestServer> StartServer(params string[] settings) =>
        TestServer.Start(settings: ["--Nodes:LeaseSeconds", "3600", "--Gateway:OfferSeconds", "3600", .. settings]);

    public Task<HttpResponseMessage> Announce(string body = "{}") => Announce(Stream, Session, body);

    public static Task<HttpResponseMessage> Announce(StreamStage stream, TestSession session, string body = "{}") =>
        stream.Node.Caller.Post($"{stream.Node.Path}/sessions/{session.Id}/broadcast", body);

    /// <summary>Another token, by the owner.</summary>
    public async Task<string> Share(string body = "{}") =>
        (await Owner.Post($"/api/broadcasts/{Id}/tokens", body).Json(HttpStatusCode.Created)).Text("spectator_token");

    public Task<JsonObject> Read() => Owner.Get($"/api/broadcasts/{Id}").Json();

    public Task<HttpResponseMessage> Status(string token) => Server.Http.GetAsync(new Uri($"{Path}/status?token={token}", UriKind.Relative));

    /// <summary>A WHEP request with what a test wants to be different.</summary>
    public Task<HttpResponseMessage> Post(
        string? token, string offer = Offer, string type = "application/sdp", string? accept = null, bool inQuery = true, string? id = null)
    {
        var path = $"/broadcasts/{id ?? Id}/whep";
        var request = new HttpRequestMessage(HttpMethod.Post, token is not null && inQuery ? $"{path}?token={token}" : path)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(offer)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        if (token is not null && !inQuery)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return Server.Http.SendAsync(request);
    }

    /// <summary>A viewer that the node answers.</summary>
    public async Task<TestViewer> Watch(string? token = null)
    {
        var asking = Post(token ?? Token);
        var offered = await Stream.Channel.ReceiveType("viewer_offer");
        await Stream.Channel.Send(
            new JsonObject { ["type"] = "viewer_answer", ["viewer_id"] = offered.Text("viewer_id"), ["sdp"] = Answer }.ToJsonString());
        using var response = await asking;
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return new(Server.Http, offered.Text("viewer_id"), response.Headers.Location!, response.Headers.ETag!.Tag);
    }

    /// <summary>Once that many are watching.</summary>
    public async Task Counts(int viewers)
    {
        var broadcast = await Eventually.Get(Read, read => read.Number("viewers") == viewers);
        Assert.Equal(viewers, broadcast.Number("viewers"));
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}

/// <summary>One who watches.</summary>
sealed record TestViewer(HttpClient Http, string Id, Uri Address, string ETag)
{
    public Task<HttpResponseMessage> Delete() => Http.DeleteAsync(Address);

    public Task<HttpResponseMessage> Trickle(string fragment, string? ifMatch, string type = "application/trickle-ice-sdpfrag")
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, Address) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(fragment)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return Http.SendAsync(request);
    }
}
