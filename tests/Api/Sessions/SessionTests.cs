using System.Net;
using System.Text.Json.Nodes;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Sessions;

/// <summary><c>/api/sessions</c></summary>
public class SessionTests
{
    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_session_reads_as_it_stands_with_its_whole_timeline(StorageProvider storage)
    {
        var server = await TestServer.On(storage);
        var node = await TestNode.Register(server);
        var account = await TestAccount.Open(server);
        var caller = await account.WithKey(Scopes.SessionsRead, Scopes.SessionsWrite);
        var minted = await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created);
        var id = minted.Text("session_id");

        var provisioned = await caller.Get($"/api/sessions/{id}").Json();
        Assert.Equal(
            ["session_id", "state", "account_id", "node_id", "region", "model", "created_at", "token_expires_at", "token_expired",
                "last_activity_at", "events"],
            provisioned.Select(member => member.Key));
        Assert.Equal("provisioned", provisioned.Text("state"));
        Assert.Equal(account.Id, provisioned.Text("account_id"));
        Assert.Equal(node.Id, provisioned.Text("node_id"));
        Assert.EndsWith("Z", provisioned.Text("created_at"), StringComparison.Ordinal);
        Assert.Equal(600, (provisioned.Time("token_expires_at") - provisioned.Time("created_at")).TotalSeconds);

        await node.Connected(id, minted.Text("session_token"), "c1").Json();
        Assert.Equal("connected", (await caller.Get($"/api/sessions/{id}").Json()).Text("state"));

        await node.Disconnected(id, "c1").Json();
        var dropped = await caller.Get($"/api/sessions/{id}").Json();
        Assert.Equal("dropped", dropped.Text("state"));
        Assert.Equal("client_disconnected", dropped.Text("reason"));
        Assert.Equal(["minted", "token_issued", "connected", "dropped"], Events(dropped, "type"));
        Assert.Equal(["1", "2", "3", "4"], Events(dropped, "seq"));
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_list_shows_what_was_answered_before_it_newest_first_page_by_page(StorageProvider storage)
    {
        var server = await TestServer.On(storage);
        var node = await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsRead, Scopes.SessionsWrite);
        var minted = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            minted.Add((await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created)).Text("session_id"));
            server.Time.Advance(TimeSpan.FromMilliseconds(5));
        }

        minted.Reverse();
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await caller.Get($"/api/sessions?limit=2{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}").Json();
            seen.AddRange(Ids(page));
            cursor = page["cursor"]?.GetValue<string>();
        }
        while (cursor is not null);
        Assert.Equal(minted, seen);
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Who_has_just_minted_finds_the_session_in_the_list_however_many_mint(StorageProvider storage)
    {
        const int Callers = 32;
        const int MintsEach = 30;
        // However long it takes on a busy machine, the node is still there.
        await using var server = await TestServer.Start(storage, "--Nodes:LeaseSeconds=600");
        var node = await TestNode.Register(server, capacity: Callers * MintsEach);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            var account = await TestAccount.Open(server, maxConcurrent: MintsEach);
            var caller = await account.WithKey(Scopes.SessionsRead, Scopes.SessionsWrite);
            for (var mint = 0; mint < MintsEach; mint++)
            {
                var minted = await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created);
                Assert.Contains(minted.Text("session_id"), Ids(await caller.Get("/api/sessions?limit=100").Json()));
            }
        }));
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_list_can_be_of_one_state(StorageProvider storage)
    {
        var server = await TestServer.On(storage);
        var node = await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsRead, Scopes.SessionsWrite);
        var waiting = await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created);
        var streaming = await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created);
        var ended = await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created);
        await node.Connected(streaming.Text("session_id"), streaming.Text("session_token"), "c").Json();
        await caller.Delete($"/api/sessions/{ended.Text("session_id")}").Json();

        Assert.Equal([waiting.Text("session_id")], Ids(await caller.Get("/api/sessions?state=provisioned").Json()));
        Assert.Equal([streaming.Text("session_id")], Ids(await caller.Get("/api/sessions?state=connected").Json()));
        Assert.Equal([ended.Text("session_id")], Ids(await caller.Get("/api/sessions?state=dropped").Json()));
    }

    [Fact]
    public async Task A_list_can_be_of_what_was_dropped_lately_last_first()
    {
        var server = await TestServer.OnSqlite();
        var (node, owner) = (await TestNode.Register(server), await TestAccount.Open(server));
        var caller = await owner.WithKey(Scopes.SessionsRead, Scopes.SessionsWrite);
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            ids.Add((await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created)).Text("session_id"));
            server.Time.Advance(TimeSpan.FromMilliseconds(5));
        }

        var dropped = new List<DateTimeOffset>();
        foreach (var id in new[] { ids[2], ids[0], ids[1] })
        {
            dropped.Add((await caller.Delete($"/api/sessions/{id}").Json()).Time("dropped_at"));
            server.Time.Advance(TimeSpan.FromMilliseconds(5));
        }

        Assert.Equal([ids[1], ids[0], ids[2]], Ids(await caller.Get("/api/sessions?sort=-dropped_at").Json()));
        var since = $"since={dropped[1]:yyyy-MM-ddTHH:mm:ss.fffZ}";
        Assert.Equal([ids[1], ids[0]], Ids(await caller.Get($"/api/sessions?sort=-dropped_at&{since}").Json()));
        Assert.Equal([ids[0]], Ids(await caller.Get($"/api/sessions?sort=-dropped_at&{since}&until={dropped[2]:yyyy-MM-ddTHH:mm:ss.fffZ}").Json()));
        Assert.Equal(ids, Ids(await caller.Get("/api/sessions?sort=created_at").Json()));
        var everyones = await (await TestAccount.Open(server, admin: true)).WithLogin();
        Assert.Equal([ids[1], ids[0]], Ids(await everyones.Get($"/api/admin/sessions?account_id={owner.Id}&sort=-dropped_at&{since}").Json()));
        var page = await caller.Get("/api/sessions?limit=1").Json();
        Assert.Equal(["cursor"], (await caller.Get($"/api/sessions?sort=created_at&cursor={page.Text("cursor")}").Problem(ErrorCatalogue.InvalidValue)).Fields());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=many", "limit")]
    [InlineData("limit=99999999999999999999", "limit")]
    [InlineData("state=gone", "state")]
    [InlineData("state=Provisioned", "state")]
    [InlineData("state=1", "state")]
    [InlineData("sort=", "sort")]
    [InlineData("sort=last_activity_at", "sort")]
    [InlineData("since=yesterday", "since")]
    [InlineData("until=2026-11-26", "until")]
    [InlineData("cursor=", "cursor")]
    [InlineData("cursor=hello", "cursor")]
    [InlineData("cursor=%00", "cursor")]
    public async Task A_list_with_an_impossible_filter_or_limit_is_refused(string query, string field)
    {
        var server = await TestServer.OnSqlite();
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsRead);
        Assert.Equal([field], (await caller.Get($"/api/sessions?{query}").Problem(ErrorCatalogue.InvalidValue)).Fields());
    }

    [Fact]
    public async Task A_cursor_far_too_long_is_refused()
    {
        var server = await TestServer.OnSqlite();
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsRead);
        await caller.Get($"/api/sessions?cursor={new string('a', 2_000)}").Problem(ErrorCatalogue.InvalidValue);
    }

    [Fact]
    public async Task Sessions_of_other_accounts_are_not_there()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var owner = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var stranger = await (await TestAccount.Open(server, admin: true)).WithLogin();
        var id = (await owner.Post("/credentials", node.Body).Json(HttpStatusCode.Created)).Text("session_id");

        await stranger.Get($"/api/sessions/{id}").Problem(ErrorCatalogue.SessionNotFound);
        await stranger.Delete($"/api/sessions/{id}").Problem(ErrorCatalogue.SessionNotFound);
        Assert.Empty(Ids(await stranger.Get("/api/sessions").Json()));
    }

    [Fact]
    public async Task Dropping_frees_the_slot_before_it_is_answered_and_twice_is_once()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server, maxConcurrent: 1)).WithKey(Scopes.SessionsWrite);
        for (var i = 0; i < 10; i++)
        {
            var id = (await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created)).Text("session_id");
            var dropped = await caller.Delete($"/api/sessions/{id}").Json();
            Assert.Equal("terminated", dropped.Text("reason"));
            Assert.Equal(dropped.Text("dropped_at"), (await caller.Delete($"/api/sessions/{id}").Json()).Text("dropped_at"));
        }
    }

    [Fact]
    public async Task A_dropped_session_can_be_read_for_a_day()
    {
        await using var server = await TestServer.Start();
        await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsRead, Scopes.SessionsWrite);
        var id = (await caller.Post("/credentials", "{}").Json(HttpStatusCode.Created)).Text("session_id");
        await caller.Delete($"/api/sessions/{id}").Json();

        server.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1));
        await caller.Get($"/api/sessions/{id}").Json();
        server.Time.Advance(TimeSpan.FromMinutes(1));
        await caller.Get($"/api/sessions/{id}").Problem(ErrorCatalogue.SessionNotFound);
        Assert.Empty(Ids(await caller.Get("/api/sessions").Json()));
    }

    [Fact]
    public async Task A_token_that_expires_unused_frees_the_slot_and_the_record_stays_until_the_idle_cleanup()
    {
        await using var server = await TestServer.Start();
        await TestNode.Register(server);
        var account = await TestAccount.Open(server, maxConcurrent: 1);
        var caller = await account.WithKey(Scopes.SessionsRead, Scopes.SessionsWrite);
        var id = (await caller.Post("/credentials", "{}").Json(HttpStatusCode.Created)).Text("session_id");

        server.Time.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal(0, (await account.Grain.Get())!.ActiveCount);
        var expired = await caller.Get($"/api/sessions/{id}").Json();
        Assert.Equal("provisioned", expired.Text("state"));
        Assert.True(expired["token_expired"]!.GetValue<bool>());

        server.Time.Advance(TimeSpan.FromSeconds(300));
        var dropped = await caller.Get($"/api/sessions/{id}").Json();
        Assert.Equal("dropped", dropped.Text("state"));
        Assert.Equal("idle", dropped.Text("reason"));
        Assert.Equal(["minted", "token_issued", "token_expired", "dropped"], Events(dropped, "type"));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("ses_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task What_cannot_be_a_sessions_id_is_not_found(string id)
    {
        var server = await TestServer.OnSqlite();
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsRead, Scopes.SessionsWrite);
        await caller.Get($"/api/sessions/{id}").Problem(ErrorCatalogue.SessionNotFound);
        await caller.Delete($"/api/sessions/{id}").Problem(ErrorCatalogue.SessionNotFound);
    }

    static string[] Ids(JsonObject page) => [.. page["data"]!.AsArray().Select(session => session!.AsObject().Text("session_id"))];

    static string[] Events(JsonObject session, string member) => [.. session["events"]!.AsArray().Select(e => e![member]!.ToString())];
}
