using System.IO.Pipelines;
using System.Net;
using SessionManager.Client;
using SessionManager.Keys;

namespace SessionManager.Tests.Client;

/// <summary>The .NET client, against the real server.</summary>
public class ClientTests
{
    [Fact]
    public async Task A_caller_and_a_node_take_a_session_through_its_life()
    {
        await using var server = await TestServer.Start();
        var node = new StreamingNodeClient(server.Http, await (await TestAccount.Open(server, admin: true)).Key(Scopes.NodesReport), "n1");
        var key = await (await TestAccount.Open(server)).Key(Scopes.SessionsRead, Scopes.SessionsWrite);
        var caller = new SessionManagerClient(server.Http, key);

        Assert.Equal(TimeSpan.FromSeconds(15), await node.Register(new("eu", "m1", 10, new Capabilities(ImageToVideo: true))));
        Assert.Equal("eu", Assert.Single(await caller.Regions()).Id);
        var minted = await caller.Mint(new(new Dictionary<string, double> { ["eu"] = 12.5 }, new Capabilities(ImageToVideo: true)));
        Assert.True(minted.Capabilities!.ImageToVideo);
        Assert.Equal([minted.SessionId], (await node.Heartbeat([])).Expected);

        Assert.Equal("connected", (await node.Connected(minted.SessionId, minted.SessionToken, "c1")).State);
        Assert.Equal("dropped", (await node.Disconnected(minted.SessionId, "c1", clean: true)).State);
        var read = await caller.Session(minted.SessionId);
        Assert.Equal("client_disconnected", read.Reason);
        Assert.Equal(["minted", "token_issued", "connected", "dropped"], read.Events!.Select(e => e.Type));
        Assert.Equal([minted.SessionId], await caller.Sessions("dropped").Select(session => session.SessionId).ToArrayAsync());

        await node.Drain();
        var refused = await Assert.ThrowsAsync<SessionManagerException>(() => caller.Mint());
        Assert.Equal("no_streamer_available", refused.Code);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.RetryAfter);
        await node.Delete();
        Assert.Empty(await caller.Regions());
    }

    [Fact]
    public async Task A_refusal_says_why_and_with_what_figures()
    {
        var server = await TestServer.OnSqlite();
        var caller = new SessionManagerClient(server.Http, await (await TestAccount.Open(server, maxConcurrent: 0)).Key(Scopes.SessionsWrite));
        var refused = await Assert.ThrowsAsync<SessionManagerException>(() => caller.Mint());
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Equal("CONCURRENT_LIMIT_REACHED", refused.Code);
        Assert.Equal(0, refused.Details!.Value.GetProperty("limit").GetInt32());
        Assert.NotEmpty(refused.RequestId!);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_lost_answer_costs_no_second_slot(bool inItsMiddle)
    {
        var server = await TestServer.OnSqlite();
        await TestNode.Register(server);
        var account = await TestAccount.Open(server);
        using var unlucky = new HttpClient(new LosesTheFirstAnswer(inItsMiddle)) { BaseAddress = server.Address };
        var minted = await new SessionManagerClient(unlucky, await account.Key(Scopes.SessionsWrite)).Mint();
        Assert.StartsWith("ses_", minted.SessionId, StringComparison.Ordinal);
        Assert.Equal(1, (await account.Grain.Get())!.ActiveCount);
    }

    [Fact]
    public async Task Sessions_are_read_page_by_page()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server, capacity: 1_000);
        var account = await TestAccount.Open(server, maxConcurrent: 1_000);
        var caller = new SessionManagerClient(server.Http, await account.Key(Scopes.SessionsRead, Scopes.SessionsWrite));
        var wishes = new MintWishes(new Dictionary<string, double> { [node.Region] = 1 });
        var minted = await Task.WhenAll(Enumerable.Range(0, 201).Select(_ => caller.Mint(wishes)));
        var listed = await caller.Sessions().Select(session => session.SessionId).ToArrayAsync();
        Assert.Equal(minted.Select(session => session.SessionId).Order(), listed.Order());
    }

    /// <summary>The server has answered, and the connection breaks before the answer is read.</summary>
    sealed class LosesTheFirstAnswer(bool inItsMiddle) : DelegatingHandler(new SocketsHttpHandler())
    {
        bool lost;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (lost)
                return response;
            lost = true;
            response.Dispose();
            if (!inItsMiddle)
                throw new HttpRequestException("The connection broke.");
            var body = new Pipe();
            await body.Writer.CompleteAsync(new HttpIOException(HttpRequestError.ResponseEnded));
            return new(response.StatusCode) { Content = new StreamContent(body.Reader.AsStream()) };
        }
    }
}
