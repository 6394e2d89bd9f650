using System.Net;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Tests.Users;
using SessionManager.Users;

namespace SessionManager.Tests.Keys;

public class KeyManagementTests
{
    const string Mine = "/api/users/me/keys";

    [Fact]
    public async Task A_new_key_is_answered_with_everything_about_it_and_may_not_be_cached()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        using var response = await user.Login.Post(Mine, TestUser.KeyBody("script", Scopes.SessionsRead));
        var made = await Task.FromResult(response).Json(HttpStatusCode.Created);

        Assert.Equal(["created_at", "id", "key", "name", "prefix", "scopes"], made.Select(member => member.Key).Order());
        Assert.Equal(made.Text("key")[..10], made.Text("prefix"));
        Assert.Equal("no-store", response.Header("Cache-Control"));
        Assert.Equal($"{Mine}/{made.Text("id")}", response.Header("Location"));
    }

    [Theory]
    [InlineData("""{"scopes":["profile:read"]}""", "name")]
    [InlineData("""{"name":"","scopes":["profile:read"]}""", "name")]
    [InlineData("""{"name":"line\nbreak","scopes":["profile:read"]}""", "name")]
    [InlineData("""{"name":"a","scopes":[]}""", "scopes")]
    [InlineData("""{"name":"a"}""", "scopes")]
    [InlineData("""{"name":"a","scopes":[null]}""", "scopes")]
    [InlineData("""{"name":"a","scopes":["Sessions:Read"]}""", "scopes")]
    [InlineData("""{"name":"a","scopes":["*"]}""", "scopes")]
    public async Task A_value_that_is_not_allowed_is_named(string body, string field)
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var problem = await user.Login.Post(Mine, body).Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal([field], problem.Fields());
        Assert.Empty(await user.Keys());
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public async Task A_name_has_up_to_a_hundred_characters(int length, bool allowed)
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var answering = user.Login.Post(Mine, TestUser.KeyBody(new string('n', length)));
        if (allowed)
            await answering.Json(HttpStatusCode.Created);
        else
            await answering.Problem(ErrorCatalogue.InvalidValue);
    }

    [Fact]
    public async Task Unknown_scopes_are_refused_and_all_of_them_named()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var problem = await user.TryNewKey("media:read", Scopes.SessionsRead, "everything").Problem(ErrorCatalogue.InvalidValue);
        Assert.Contains("\"everything\", \"media:read\"", problem.Text("detail"), StringComparison.Ordinal);
        Assert.DoesNotContain("\"sessions:read\"", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scope_given_twice_is_held_once()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        await user.NewKey(Scopes.SessionsRead, Scopes.SessionsRead);
        Assert.Equal(Scopes.SessionsRead, Assert.Single(Assert.Single(await user.Keys())["scopes"]!.AsArray())!.GetValue<string>());
    }

    [Fact]
    public async Task Only_an_administrators_key_may_hold_nodes_report()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.WithKeys(server);
        await user.TryNewKey(Scopes.NodesReport).Problem(ErrorCatalogue.Forbidden);

        await user.Change("""{"is_admin":true}""");
        var (_, key) = await user.NewKey(Scopes.NodesReport);
        var node = $"/api/nodes/{TestServer.NewName("node-")}";
        const string registration = """{"region":"r","model":"m","capacity":1}""";
        await user.With(key).Put(node, registration).Json();

        // Somebody has to stay.
        await TestUser.Join(server, """{"is_admin":true}""");
        await user.Change("""{"is_admin":false}""");
        var problem = await user.With(key).Put(node, registration).Problem(ErrorCatalogue.Forbidden);
        Assert.Contains("owner is not an administrator", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_has_a_bounded_number_of_keys_even_when_many_are_asked_for_at_once()
    {
        await using var server = await TestServer.Start(settings: ["--Keys:MaxPerAccount", "3"]);
        var user = await TestUser.WithKeys(server);
        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var response = await user.TryNewKey(Scopes.ProfileRead);
            return response.StatusCode;
        }));

        Assert.Equal(3, statuses.Count(status => status == HttpStatusCode.Created));
        Assert.Equal(17, statuses.Count(status => status == HttpStatusCode.Conflict));
        var keys = await user.Keys();
        Assert.Equal(3, keys.Length);

        (await user.Login.Delete($"{Mine}/{keys[0].Text("id")}")).Dispose();
        await user.NewKey();
        await user.TryNewKey().Problem(ErrorCatalogue.TooManyKeys);
    }

    [Fact]
    public async Task Sessions_minted_by_a_revoked_key_and_never_connected_are_dropped_and_connected_ones_go_on()
    {
        var (user, node, id, key) = await Minting(await TestServer.OnSqlite());
        var waiting = await Mint(user, node, key);
        var connected = await Mint(user, node, key);
        await node.Connected(connected.Id, connected.Token, "c1").Json();
        var ofLogin = await Mint(user, node, user.Login.Credential!);

        (await user.Login.Delete($"{Mine}/{id}")).Dispose();

        Assert.Equal("dropped terminated", await State(user, waiting.Id));
        Assert.Equal("connected", await State(user, connected.Id));
        Assert.Equal("provisioned", await State(user, ofLogin.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connected_sessions_of_a_revoked_key_are_dropped_by_choice(bool byAdministrator)
    {
        var (user, node, id, key) = await Minting(await TestServer.OnSqlite());
        var connected = await Mint(user, node, key);
        await node.Connected(connected.Id, connected.Token, "c1").Json();

        (await (byAdministrator
            ? user.Administrator.Delete($"{user.Path}/keys/{id}?drop_sessions=true")
            : user.Login.Delete($"{Mine}/{id}?drop_sessions=true"))).Dispose();

        Assert.Equal("dropped terminated", await State(user, connected.Id));
        Assert.Equal(0, (await user.Login.Get("/api/users/me").Json()).Number("active_count"));
    }

    [Fact]
    public async Task A_choice_that_cannot_be_read_revokes_nothing()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (id, _) = await user.NewKey();
        foreach (var refused in new[]
        {
            user.Login.Delete($"{Mine}/{id}?drop_sessions=maybe"), user.Administrator.Delete($"{user.Path}/keys/{id}?drop_sessions=1"),
        })
        {
            var problem = await refused.Problem(ErrorCatalogue.InvalidValue);
            Assert.Equal(["drop_sessions"], problem.Fields());
            Assert.Contains("`drop_sessions` must be true or false", problem.Text("detail"), StringComparison.Ordinal);
        }

        Assert.Single(await user.Keys());
    }

    [Fact]
    public async Task The_toggle_stops_what_was_got_with_the_keys_too_except_what_is_streaming()
    {
        var (user, node, _, key) = await Minting(await TestServer.OnSqlite());
        var waiting = await Mint(user, node, key);
        var connected = await Mint(user, node, key);
        await node.Connected(connected.Id, connected.Token, "c1").Json();
        var ofLogin = await Mint(user, node, user.Login.Credential!);

        await user.Change("""{"api_keys_enabled":false}""");

        await node.Connected(waiting.Id, waiting.Token, "c2").Problem(ErrorCatalogue.SessionDropped);
        Assert.Equal("dropped terminated", await State(user, waiting.Id));
        Assert.Equal("connected", await State(user, connected.Id));
        Assert.Equal("provisioned", await State(user, ofLogin.Id));
    }

    [Fact]
    public async Task What_a_crash_left_of_a_revocation_is_finished_when_the_keys_are_listed()
    {
        var (user, node, id, key) = await Minting(await TestServer.OnSqlite());
        var session = await Mint(user, node, key);
        await user.Server.Grains.GetGrain<IKeyGrain>(id).Revoke();

        Assert.Empty(await user.Keys());
        Assert.Empty(await user.Server.Grains.GetGrain<IUserGrain>(user.Id).Keys());
        Assert.Equal("dropped terminated", await State(user, session.Id));
    }

    static async Task<(TestUser User, TestNode Node, string KeyId, string Key)> Minting(TestServer server)
    {
        var user = await TestUser.WithKeys(server);
        var (id, key) = await user.NewKey(Scopes.SessionsWrite);
        return (user, await TestNode.Register(server), id, key);
    }

    static async Task<(string Id, string Token)> Mint(TestUser user, TestNode node, string credential)
    {
        var answer = await user.With(credential).Post("/credentials", node.Body).Json(HttpStatusCode.Created);
        return (answer.Text("session_id"), answer.Text("session_token"));
    }

    static async Task<string> State(TestUser user, string sessionId)
    {
        var session = await user.Login.Get($"/api/sessions/{sessionId}").Json();
        return $"{session.Text("state")} {session["reason"]}".Trim();
    }
}
