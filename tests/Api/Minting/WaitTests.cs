using System.Net;
using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Nodes;
using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Minting;

/// <summary><c>Prefer: wait=N</c></summary>
public sealed class WaitTests(WaitTests.ServerWithoutNodes withoutNodes) : IClassFixture<WaitTests.ServerWithoutNodes>
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_caller_that_waits_gets_the_place_that_is_freed(StorageProvider storage)
    {
        await using var server = await TestServer.Start(storage);
        var node = await TestNode.Register(server, capacity: 1);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var first = await caller.Post("/sessions/request", "{}").Json();

        var waiting = caller.Post("/sessions/request", "{}", ("Prefer", "wait=30"));
        await Queued(server, 1);
        await caller.Delete($"/api/sessions/{first.Text("session_id")}").Json();

        using var response = await waiting;
        Assert.Equal("wait=30", response.Header("Preference-Applied"));
        var second = await Task.FromResult(response).Json();
        Assert.Equal(node.Id, second.Text("streamer_id"));
        Assert.NotEqual(first.Text("session_id"), second.Text("session_id"));
    }

    [Fact]
    public async Task A_mint_in_one_call_waits_as_well_and_under_an_idempotency_key_too()
    {
        await using var server = await TestServer.Start();
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var waiting = caller.Post("/credentials", "{}", ("Prefer", "wait=30"), ("Idempotency-Key", "k"));
        await Queued(server, 1);
        await TestNode.Register(server, capacity: 1);
        var minted = await waiting.Json(HttpStatusCode.Created);
        var again = await caller.Post("/credentials", "{}", ("Idempotency-Key", "k")).Json(HttpStatusCode.Created);
        Assert.Equal(minted.Text("session_id"), again.Text("session_id"));
    }

    [Fact]
    public async Task A_place_goes_to_who_came_first_and_a_newcomer_overtakes_nobody()
    {
        await using var server = await TestServer.Start();
        var first = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var firstWaits = first.Post("/sessions/request", "{}", ("Prefer", "wait=30"));
        await Queued(server, 1);
        var second = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var secondWaits = second.Post("/sessions/request", """{"capabilities":{"image_to_video":true}}""", ("Prefer", "wait=30"));
        await Queued(server, 2);

        var node = await TestNode.Register(server, capacity: 1, ""","capabilities":{"image_to_video":true}""");
        var served = await firstWaits.Json();
        Assert.False(secondWaits.IsCompleted);

        var newcomer = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        await newcomer.Post("/sessions/request", "{}").Problem(ErrorCatalogue.NoStreamer);
        await first.Delete($"/api/sessions/{served.Text("session_id")}").Json();
        Assert.Equal(node.Id, (await secondWaits.Json()).Text("streamer_id"));
        await newcomer.Post("/sessions/request", "{}").Problem(ErrorCatalogue.NoStreamer);
    }

    [Fact]
    public async Task Callers_of_one_account_are_judged_in_the_order_they_came_and_who_is_refused_passes_the_place_on()
    {
        await using var server = await TestServer.Start();
        var node = await TestNode.Register(server, capacity: 1);
        await (await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite)).Post("/credentials", "{}").Json(HttpStatusCode.Created);
        var one = await (await TestAccount.Open(server, maxConcurrent: 1)).WithKey(Scopes.SessionsWrite);
        var other = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var first = one.Post("/credentials", "{}", ("Prefer", "wait=25"));
        await Waiting(server, 1);
        var second = one.Post("/credentials", "{}", ("Prefer", "wait=25"));
        await Waiting(server, 2);
        var others = other.Post("/credentials", "{}", ("Prefer", "wait=25"));
        await Waiting(server, 3);

        await node.Register(capacity: 3).Json();
        await first.Json(HttpStatusCode.Created);
        await others.Json(HttpStatusCode.Created);
        Assert.False(second.IsCompleted);

        await node.Register(capacity: 4).Json();
        await second.Problem(ErrorCatalogue.ConcurrentLimit);
        await other.Post("/credentials", "{}").Json(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Who_is_suspended_while_waiting_is_refused_and_the_next_gets_the_place_at_once()
    {
        await using var server = await TestServer.Start();
        var account = await TestAccount.Open(server);
        var suspended = (await account.WithKey(Scopes.SessionsWrite)).Post("/credentials", "{}", ("Prefer", "wait=25"));
        await Waiting(server, 1);
        var next = (await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite)).Post("/credentials", "{}", ("Prefer", "wait=25"));
        await Waiting(server, 2);
        await account.Grain.Change(new AccountChange { Suspended = true });

        await TestNode.Register(server, capacity: 1);
        await suspended.Problem(ErrorCatalogue.AccountSuspended);
        await next.Json(HttpStatusCode.Created);
    }

    [Fact]
    public async Task When_the_time_is_over_the_caller_hears_that_no_streamer_is_free()
    {
        var caller = await (await TestAccount.Open(withoutNodes.Server)).WithKey(Scopes.SessionsWrite);
        using var response = await caller.Post("/sessions/request", "{}", ("Prefer", "wait=1"));
        await response.Problem(ErrorCatalogue.NoStreamer);
        Assert.Equal("wait=1", response.Header("Preference-Applied"));
        Assert.Empty((await Directory(withoutNodes.Server).Snapshot()).Waiting);
    }

    [Theory]
    [InlineData("wait=0", "wait=0")]
    [InlineData("wait=soon", null)]
    [InlineData("wait=-1", null)]
    [InlineData("wait", null)]
    [InlineData("respond-async", null)]
    [InlineData("respond-async, wait=0; x=y", "wait=0")]
    [InlineData("WAIT=\"0\"", "wait=0")]
    [InlineData("wait=0, wait=20", "wait=0")]
    public async Task A_preference_that_cannot_be_read_is_no_preference(string prefer, string? applied)
    {
        var caller = await (await TestAccount.Open(withoutNodes.Server)).WithKey(Scopes.SessionsWrite);
        using var response = await caller.Post("/sessions/request", "{}", ("Prefer", prefer));
        await response.Problem(ErrorCatalogue.NoStreamer);
        Assert.Equal(applied, response.Header("Preference-Applied"));
    }

    [Fact]
    public async Task A_wait_of_more_than_30_seconds_is_one_of_30()
    {
        await using var server = await TestServer.Start();
        await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        using var response = await caller.Post("/sessions/request", "{}", ("Prefer", "wait=4000000000"));
        Assert.Equal("wait=30", response.Header("Preference-Applied"));
    }

    [Fact]
    public async Task A_caller_over_its_limit_does_not_wait()
    {
        var caller = await (await TestAccount.Open(withoutNodes.Server, maxConcurrent: 0)).WithKey(Scopes.SessionsWrite);
        await caller.Post("/sessions/request", "{}", ("Prefer", "wait=30")).Problem(ErrorCatalogue.ConcurrentLimit);
    }

    [Fact]
    public async Task A_caller_that_goes_away_leaves_the_queue()
    {
        var key = await (await TestAccount.Open(withoutNodes.Server)).Key(Scopes.SessionsWrite);
        using (var impatient = new HttpClient { BaseAddress = withoutNodes.Server.Address })
        {
            _ = new TestCaller(impatient, key).Post("/sessions/request", "{}", ("Prefer", "wait=30"));
            await Queued(withoutNodes.Server, 1);
        }

        await Queued(withoutNodes.Server, 0);
    }

    public sealed class ServerWithoutNodes : IAsyncLifetime
    {
        public TestServer Server { get; private set; } = null!;

        public async Task InitializeAsync() => Server = await TestServer.Start();

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }

    static INodeDirectoryGrain Directory(TestServer server) => server.Grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key);

    /// <summary>Until that many callers are in the queue.</summary>
    static Task<TimeSpan> Waiting(TestServer server, int callers) => Eventually.Holds(
        $"{callers} wait", Patience, async () => (await Directory(server).Snapshot()).Waiting.Sum(asked => asked.Count) == callers);

    /// <summary>Until the queue holds that many callers who ask for different things; those who ask for the same count once.</summary>
    static Task<TimeSpan> Queued(TestServer server, int callers) => Eventually.Holds(
        $"{callers} different ones wait", Patience, async () => (await Directory(server).Snapshot()).Waiting.Length == callers);
}
