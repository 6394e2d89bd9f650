using System.Net;
using System.Text.Json.Nodes;
using SessionManager.Keys;

namespace SessionManager.Tests;

/// <summary>A streaming node of a test's own, in a region of its own, so that a test's sessions land on it alone.</summary>
public sealed class TestNode
{
    TestNode(TestCaller caller, string id, string region)
    {
        Caller = caller;
        Id = id;
        Region = region;
    }

    /// <summary>With the key the node reports with.</summary>
    public TestCaller Caller { get; }
    public string Id { get; }
    public string Region { get; }
    public string Path => $"/api/nodes/{Id}";

    public static async Task<TestNode> Register(TestServer server, int capacity = 100, string more = "")
    {
        var admin = await TestAccount.Open(server, admin: true);
        var node = new TestNode(await admin.WithKey(Scopes.NodesReport), TestServer.NewName("node-"), TestServer.NewName("region-"));
        await node.Register(capacity, more).Json();
        // A mint chooses from a copy of the directory that is this old at most.
        server.Time.Advance(TimeSpan.FromMilliseconds(250));
        return node;
    }

    public Task<HttpResponseMessage> Register(int capacity, string more = "") =>
        Caller.Put(Path, $$"""{"region":"{{Region}}","model":"m1","capacity":{{capacity}}{{more}}}""");

    /// <summary>A session of this node, of that account or one of its own.</summary>
    public async Task<(string Id, string Token)> Mint(TestServer server, TestAccount? account = null)
    {
        var caller = await (account ?? await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var minted = await caller.Post("/credentials", Body).Json(HttpStatusCode.Created);
        return (minted.Text("session_id"), minted.Text("session_token"));
    }

    public Task<HttpResponseMessage> Connected(string sessionId, string sessionToken, string connectionId) =>
        Caller.Post($"{Path}/sessions/{sessionId}/connected",
            $$"""{"session_token":"{{sessionToken}}","connection_id":"{{connectionId}}"}""");

    public Task<HttpResponseMessage> Disconnected(string sessionId, string connectionId, string reason = "clean") =>
        Caller.Post($"{Path}/sessions/{sessionId}/disconnected", $$"""{"connection_id":"{{connectionId}}","reason":"{{reason}}"}""");

    public Task<JsonObject> Heartbeat(params string[] sessions) =>
        Caller.Post($"{Path}/heartbeat", $$"""{"sessions":[{{string.Join(',', sessions.Select(id => $"\"{id}\""))}}]}""").Json();

    /// <summary>A mint's body that prefers this node's region.</summary>
    public string Body => $$$"""{"region_latencies":{"{{{Region}}}":1}}""";
}
