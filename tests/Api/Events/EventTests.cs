using System.Net;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Tests.Users;

namespace SessionManager.Tests.Events;

public class EventTests
{
    const string NewKey = """{"name":"script","scopes":["profile:read"]}""";

    [Fact]
    public async Task A_user_hears_of_their_own_keys_and_an_administrator_of_everyones()
    {
        var server = await TestServer.OnSqlite();
        var (mia, noah) = (await TestUser.WithKeys(server), await TestUser.WithKeys(server));
        await using var hers = await EventStream.Open(server, mia.Login.Credential!);
        await using var everyones = await EventStream.Open(server, mia.Administrator.Credential!);

        var his = (await noah.Login.Post("/api/users/me/keys", NewKey).Json(HttpStatusCode.Created)).Text("id");
        var own = (await mia.Login.Post("/api/users/me/keys", NewKey).Json(HttpStatusCode.Created)).Text("id");

        var told = await hers.Next("key");
        Assert.Equal((own, mia.Id, "key.create"), (told.Text("key_id"), told.Text("account_id"), told.Text("action")));
        Assert.Equal(noah.Id, (await everyones.Next("key", news => news.Text("key_id") == his)).Text("account_id"));
        await everyones.Next("key", news => news.Text("key_id") == own);
    }

    [Fact]
    public async Task What_an_administrator_does_to_a_key_its_owner_hears()
    {
        var server = await TestServer.OnSqlite();
        var owner = await TestUser.WithKeys(server);
        var id = (await owner.Login.Post("/api/users/me/keys", NewKey).Json(HttpStatusCode.Created)).Text("id");
        await using var stream = await EventStream.Open(server, owner.Login.Credential!);
        using var revoked = await owner.Administrator.Delete($"{owner.Path}/keys/{id}");
        await stream.Next("key", news => news.Text("key_id") == id && news.Text("action") == "key.revoke");
    }

    [Fact]
    public async Task Nodes_are_told_as_they_register_drain_and_go()
    {
        var server = await TestServer.OnSqlite();
        var admin = await TestAccount.Open(server, admin: true);
        await using var stream = await EventStream.Open(server, await admin.Login());
        var caller = await admin.WithKey(Scopes.NodesReport);
        var id = TestServer.NewName("watched-");

        using var registered = await caller.Put($"/api/nodes/{id}", """{"region":"eu-west","model":"m","capacity":3,"capabilities":{"image_to_video":false}}""");
        var told = await stream.Next("node", news => news.Text("node_id") == id);
        Assert.Equal(("live", 3), (told.Text("state"), told.Number("capacity")));
        using var drained = await caller.Post($"/api/nodes/{id}/drain");
        await stream.Next("node", news => news.Text("node_id") == id && news.Text("state") == "draining");
        using var deleted = await caller.Delete($"/api/nodes/{id}");
        await stream.Next("node", news => news.Text("node_id") == id && news.Text("state") == "deleted");
    }

    [Fact]
    public async Task A_sessions_life_is_told_line_by_line_to_its_owner_and_to_administrators_and_to_nobody_else()
    {
        var server = await TestServer.OnSqlite();
        var (node, owner, other) = (await TestNode.Register(server), await TestAccount.Open(server), await TestAccount.Open(server));
        await using var hers = await EventStream.Open(server, await owner.Login());
        await using var his = await EventStream.Open(server, await other.Login());
        await using var everyones = await EventStream.Open(server, await (await TestAccount.Open(server, admin: true)).Login());
        var caller = await owner.WithKey(Scopes.SessionsWrite);
        var minted = await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created);
        using var connected = await node.Connected(minted.Text("session_id"), minted.Text("session_token"), "c1");
        using var left = await node.Disconnected(minted.Text("session_id"), "c1");

        foreach (var stream in new[] { hers, everyones })
            foreach (var type in new[] { "minted", "token_issued", "connected", "dropped" })
                await stream.Next("session", news => news.Text("session_id") == minted.Text("session_id") && news["event"]!["type"]!.GetValue<string>() == type);
        var own = await (await other.WithKey(Scopes.SessionsWrite)).Post("/credentials", node.Body).Json(HttpStatusCode.Created);
        Assert.Equal(own.Text("session_id"), (await his.Next("session")).Text("session_id"));
    }

    [Fact]
    public async Task A_stream_goes_on_after_the_last_event_that_was_seen()
    {
        var server = await TestServer.OnSqlite();
        var (node, owner) = (await TestNode.Register(server), await TestAccount.Open(server));
        var caller = await owner.WithKey(Scopes.SessionsWrite);
        string? last;
        await using (var stream = await EventStream.Open(server, await owner.Login()))
        {
            await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created);
            await stream.Next("session", news => news["event"]!["type"]!.GetValue<string>() == "token_issued");
            last = stream.LastId;
        }

        var missed = await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created);
        await using var again = await EventStream.Open(server, await owner.Login(), last);
        var told = await again.Next("session");
        Assert.Equal((missed.Text("session_id"), "minted"), (told.Text("session_id"), told["event"]!["type"]!.GetValue<string>()));
    }

    [Fact]
    public async Task The_stream_tells_nothing_more_to_a_login_that_has_ended()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.WithKeys(server);
        await using var stream = await EventStream.Open(server, user.Login.Credential!);
        await user.Account.Change(new() { EndLogins = true });
        var again = new TestCaller(server.Http, await TestUser.SignIn(server, user.Name));
        using var made = await again.Post("/api/users/me/keys", NewKey);
        Assert.DoesNotContain("key", await stream.UntilEnd());
    }

    [Fact]
    public async Task An_id_that_is_none_is_refused_before_the_stream_begins()
    {
        var server = await TestServer.OnSqlite();
        var caller = await (await TestAccount.Open(server)).WithLogin();
        var problem = await caller.Send(HttpMethod.Get, "/api/events", null, ("Last-Event-ID", "nonsense")).Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(["Last-Event-ID"], problem.Fields());
    }
}
