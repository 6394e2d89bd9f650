using System.Net;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Tests.Users;

namespace SessionManager.Tests.Keys;

/// <summary>The API keys document, statement by statement, in its order. A test's name is the statement.</summary>
public class ApiKeySeedTests
{
    const string Mine = "/api/users/me/keys";

    [Fact]
    public async Task A_key_lets_you_script_without_embedding_a_username_and_password_or_a_short_lived_JWT()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (_, key) = await user.NewKey(Scopes.SessionsRead);
        await user.With(key).Get("/api/sessions").Json();
    }

    [Fact]
    public async Task Each_key_belongs_to_a_single_user()
    {
        var server = await TestServer.OnSqlite();
        var owner = await TestUser.WithKeys(server);
        var other = await TestUser.WithKeys(server);
        var (id, key) = await owner.NewKey(Scopes.ProfileRead);

        Assert.Equal(owner.Id, (await owner.With(key).Get("/api/users/me").Json()).Text("id"));
        Assert.Empty(await other.Keys());
        await other.Login.Delete($"{Mine}/{id}").Problem(ErrorCatalogue.KeyNotFound);
        await owner.With(key).Get("/api/users/me").Json();
    }

    [Fact]
    public async Task A_key_carries_a_fixed_set_of_scopes()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (id, key) = await user.NewKey(Scopes.SessionsRead);

        await user.Login.Patch($"{Mine}/{id}", """{"scopes":["profile:read"]}""").Problem(ErrorCatalogue.MethodNotAllowed);
        await user.Login.Put($"{Mine}/{id}", """{"scopes":["profile:read"]}""").Problem(ErrorCatalogue.MethodNotAllowed);
        await user.With(key).Get("/api/users/me").Problem(ErrorCatalogue.InsufficientScope);
    }

    [Fact]
    public async Task A_key_can_be_revoked_at_any_time_without_affecting_the_users_interactive_sessions()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (id, key) = await user.NewKey(Scopes.ProfileRead);
        using (var revoked = await user.Login.Delete($"{Mine}/{id}"))
            Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);

        await user.With(key).Get("/api/users/me").Problem(ErrorCatalogue.InvalidKey);
        await user.Login.Get("/api/users/me").Json();
    }

    [Fact]
    public async Task API_keys_are_disabled_by_default_for_non_admin_users()
    {
        var user = await TestUser.Join(await TestServer.OnSqlite());

        Assert.False((await user.Login.Get("/api/users/me").Json())["api_keys_enabled"]!.GetValue<bool>());
        await user.Login.Get(Mine).Problem(ErrorCatalogue.KeysDisabled);
        await user.Login.Delete($"{Mine}/key_aaaaaaaaaaaaaaaaaaaaaaaaaa").Problem(ErrorCatalogue.KeysDisabled);
    }

    [Fact]
    public async Task An_administrator_must_opt_a_user_in_before_that_user_can_mint_keys()
    {
        var user = await TestUser.Join(await TestServer.OnSqlite());
        await user.TryNewKey(Scopes.ProfileRead).Problem(ErrorCatalogue.KeysDisabled);

        await user.Change("""{"api_keys_enabled":true}""");
        await user.NewKey(Scopes.ProfileRead);
    }

    [Fact]
    public async Task Administrators_always_have_API_key_access_and_do_not_need_a_toggle()
    {
        var user = await TestUser.Join(await TestServer.OnSqlite(), """{"is_admin":true,"api_keys_enabled":false}""");
        var (_, key) = await user.NewKey(Scopes.ProfileRead);
        await user.With(key).Get("/api/users/me").Json();
    }

    [Fact]
    public async Task Turning_the_toggle_off_makes_every_existing_key_of_the_user_immediately_stop_working()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var keys = new[] { await user.NewKey(Scopes.ProfileRead), await user.NewKey(Scopes.ProfileRead) };
        var token = await user.Exchanged(keys[0].Key);
        await token.Get("/api/users/me").Json();

        await user.Change("""{"api_keys_enabled":false}""");

        Assert.All(
            await Task.WhenAll(keys.Select(key => user.With(key.Key).Get("/api/users/me").Problem(ErrorCatalogue.KeysDisabled))), Assert.NotNull);
        await token.Get("/api/users/me").Problem(ErrorCatalogue.KeysDisabled);
        await TestUser.Nobody(user.Server).Post("/auth/token", $$"""{"api_key":"{{keys[0].Key}}"}""").Problem(ErrorCatalogue.KeysDisabled);
    }

    [Fact]
    public async Task No_further_requests_are_authenticated_until_the_toggle_is_turned_back_on()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (_, key) = await user.NewKey(Scopes.ProfileRead);
        await user.Change("""{"api_keys_enabled":false}""");
        await user.With(key).Get("/api/users/me").Problem(ErrorCatalogue.KeysDisabled);

        await user.Change("""{"api_keys_enabled":true}""");
        await user.With(key).Get("/api/users/me").Json();
    }

    [Fact]
    public async Task Existing_keys_are_not_deleted_by_the_toggle()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (id, _) = await user.NewKey(Scopes.ProfileRead);
        await user.Change("""{"api_keys_enabled":false}""");

        var listed = (await user.Administrator.Get($"{user.Path}/keys").Json())["data"]!.AsArray();
        Assert.Equal(id, Assert.Single(listed)!["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_key_has_a_memorable_name_and_the_scopes_ticked()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        await user.Login.Post(Mine, TestUser.KeyBody("home-automation-script", Scopes.SessionsWrite, Scopes.SessionsRead))
            .Json(HttpStatusCode.Created);

        var listed = Assert.Single(await user.Keys());
        Assert.Equal("home-automation-script", listed.Text("name"));
        Assert.Equal([Scopes.SessionsRead, Scopes.SessionsWrite], listed["scopes"]!.AsArray().Select(scope => scope!.GetValue<string>()));
    }

    [Fact]
    public async Task The_plaintext_key_is_shown_exactly_once_immediately_after_creation()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (_, key) = await user.NewKey(Scopes.ProfileRead);

        foreach (var answering in new[] { user.Login.Get(Mine), user.Administrator.Get($"{user.Path}/keys") })
        {
            var listed = (await answering.Json())["data"]!.AsArray().Single()!.AsObject();
            Assert.Equal(["created_at", "id", "name", "prefix", "scopes"], listed.Select(member => member.Key).Order());
            Assert.DoesNotContain(key[10..], listed.ToJsonString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Keys_are_odn_followed_by_a_52_character_base32_string()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        Assert.Matches("^odn_[a-z2-7]{52}$", (await user.NewKey()).Key);
    }

    [Fact]
    public async Task API_keys_do_not_expire()
    {
        await using var server = await TestServer.Start();
        var user = await TestUser.WithKeys(server);
        var (_, key) = await user.NewKey(Scopes.ProfileRead);

        server.Time.Advance(TimeSpan.FromDays(10 * 365));
        await user.With(key).Get("/api/users/me").Json();
    }

    [Fact]
    public async Task The_key_is_sent_in_the_Authorization_header_exactly_the_same_way_as_a_JWT()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (_, key) = await user.NewKey(Scopes.ProfileRead);

        var asKey = await user.With(key).Get("/api/users/me").Json();
        var asLogin = await user.Login.Get("/api/users/me").Json();
        Assert.Equal(asLogin.ToJsonString(), asKey.ToJsonString());
    }

    [Fact]
    public async Task JWT_authenticated_requests_bypass_per_route_scope_enforcement_entirely()
    {
        var user = await TestUser.Join(await TestServer.OnSqlite());
        foreach (var path in new[] { "/api/users/me", "/api/sessions", "/api/nodes", "/api/usage" })
            await user.Login.Get(path).Json();
    }

    [Fact]
    public async Task A_route_not_enabled_for_API_keys_returns_403()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (_, key) = await user.NewKey([.. Scopes.All.Except([Scopes.NodesReport])]);
        await user.With(key).Get(Mine).Problem(ErrorCatalogue.InsufficientScope);
        await user.With(key).Post(Mine, TestUser.KeyBody("second")).Problem(ErrorCatalogue.InsufficientScope);
    }

    [Theory]
    [InlineData("GET", "/api/admin/users")]
    [InlineData("GET", "/api/admin/sessions")]
    [InlineData("GET", "/api/admin/audit")]
    [InlineData("POST", "/api/admin/users")]
    public async Task Administrative_endpoints_are_never_accessible_via_API_key_even_if_the_underlying_user_is_an_admin(string method, string path)
    {
        var user = await TestUser.Join(await TestServer.OnSqlite(), """{"is_admin":true}""");
        var (_, key) = await user.NewKey([.. Scopes.All]);
        await user.With(key).Send(new HttpMethod(method), path).Problem(ErrorCatalogue.InsufficientScope);
        await (await user.Exchanged(key)).Send(new HttpMethod(method), path).Problem(ErrorCatalogue.InsufficientScope);
    }

    [Fact]
    public async Task Administrative_actions_are_automated_with_a_JWT_obtained_from_login()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server, """{"is_admin":true}""");
        await user.With(await TestUser.SignIn(server, user.Name)).Get("/api/admin/users").Json();
    }

    [Fact]
    public async Task A_key_must_hold_every_scope_it_intends_to_use_and_there_is_no_inheritance_between_scopes()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (_, write) = await user.NewKey(Scopes.SessionsWrite);
        var problem = await user.With(write).Get("/api/sessions").Problem(ErrorCatalogue.InsufficientScope);
        Assert.Contains(Scopes.SessionsRead, problem.Text("detail"), StringComparison.Ordinal);

        var (_, both) = await user.NewKey(Scopes.SessionsWrite, Scopes.SessionsRead);
        await user.With(both).Get("/api/sessions").Json();
    }

    [Fact]
    public async Task Profile_read_grants_access_to_users_me()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        foreach (var scope in Scopes.All.Except([Scopes.ProfileRead, Scopes.NodesReport]))
            await user.With((await user.NewKey(scope)).Key).Get("/api/users/me").Problem(ErrorCatalogue.InsufficientScope);
        await user.With((await user.NewKey(Scopes.ProfileRead)).Key).Get("/api/users/me").Json();
    }

    [Fact]
    public async Task The_list_shows_every_key_with_its_prefix_scopes_and_the_time_of_its_last_successful_use()
    {
        await using var server = await TestServer.Start();
        var user = await TestUser.WithKeys(server);
        var (unused, _) = await user.NewKey();
        var (id, key) = await user.NewKey(Scopes.ProfileRead);
        server.Time.Advance(TimeSpan.FromMinutes(30));
        await user.With(key).Get("/api/users/me").Json();

        var keys = await user.Keys();
        Assert.Equal([unused, id], keys.Select(listed => listed.Text("id")));
        Assert.Equal(key[..10], keys[1].Text("prefix"));
        Assert.False(keys[0].ContainsKey("last_used_at"));
        Assert.InRange(keys[1].Time("last_used_at") - keys[1].Time("created_at"), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(31));
    }

    [Fact]
    public async Task Only_a_successful_use_is_a_use()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (_, key) = await user.NewKey();
        await user.With(key[..^1] + (key[^1] == 'a' ? 'q' : 'a')).Get("/regions").Problem(ErrorCatalogue.InvalidKey);
        Assert.False(Assert.Single(await user.Keys()).ContainsKey("last_used_at"));

        // Nor one that is known and let in nowhere: another scope, the key switch, suspension.
        var scoped = user.With((await user.NewKey(Scopes.SessionsRead)).Key);
        await scoped.Get("/api/users/me").Problem(ErrorCatalogue.InsufficientScope);
        await scoped.Get(Mine).Problem(ErrorCatalogue.InsufficientScope);
        await user.Change("""{"api_keys_enabled":false}""");
        await scoped.Get("/api/sessions").Problem(ErrorCatalogue.KeysDisabled);
        await TestUser.Nobody(user.Server).Post("/auth/token", $$"""{"api_key":"{{scoped.Credential}}"}""").Problem(ErrorCatalogue.KeysDisabled);
        await user.Change("""{"api_keys_enabled":true}""");
        Assert.All(await user.Keys(), listed => Assert.False(listed.ContainsKey("last_used_at")));
        await scoped.Get("/api/sessions").Json();
        Assert.True((await user.Keys())[1].ContainsKey("last_used_at"));
    }

    [Fact]
    public async Task Revoke_deletes_the_key_immediately()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (id, key) = await user.NewKey(Scopes.ProfileRead);
        var token = await user.Exchanged(key);
        (await user.Login.Delete($"{Mine}/{id}")).Dispose();

        await user.With(key).Get("/api/users/me").Problem(ErrorCatalogue.InvalidKey);
        var dead = await token.Get("/api/users/me").Problem(ErrorCatalogue.InvalidToken);
        Assert.Equal("The API key that this token was got for is revoked. Use another key.", dead.Text("detail"));
        await TestUser.Nobody(user.Server).Post("/auth/token", $$"""{"api_key":"{{key}}"}""").Problem(ErrorCatalogue.InvalidKey);
        Assert.Empty(await user.Keys());
        await user.Login.Delete($"{Mine}/{id}").Problem(ErrorCatalogue.KeyNotFound);
    }

    [Fact]
    public async Task Revoked_keys_cannot_be_restored()
    {
        await using var server = await TestServer.Start(settings: ["--Keys:LastUsedSeconds", "1"]);
        var user = await TestUser.WithKeys(server);
        var (id, key) = await user.NewKey(Scopes.ProfileRead);
        await user.With(key).Get("/api/users/me").Json();
        (await user.Login.Delete($"{Mine}/{id}")).Dispose();

        var again = new KeyRecord
        {
            AccountId = user.Id,
            Hash = KeyFormat.Hash(key),
            Name = "again",
            Prefix = KeyFormat.Shown(key),
            Scopes = [Scopes.ProfileRead],
            CreatedAt = server.Time.GetUtcNow(),
        };
        Assert.False(await server.Grains.GetGrain<IKeyGrain>(id).Create(again));
        await using var restarted = await server.Restart();
        Assert.False(await restarted.Grains.GetGrain<IKeyGrain>(id).Create(again));
        await new TestCaller(restarted.Http, key).Get("/api/users/me").Problem(ErrorCatalogue.InvalidKey);
    }

    [Fact]
    public async Task Administrators_can_list_and_revoke_any_users_keys()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (id, key) = await user.NewKey(Scopes.ProfileRead);
        var listed = (await user.Administrator.Get($"{user.Path}/keys").Json())["data"]!.AsArray();
        Assert.Equal(id, Assert.Single(listed)!["id"]!.GetValue<string>());

        using (var revoked = await user.Administrator.Delete($"{user.Path}/keys/{id}"))
            Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        await user.With(key).Get("/api/users/me").Problem(ErrorCatalogue.InvalidKey);
        await user.Administrator.Delete($"{user.Path}/keys/{id}").Problem(ErrorCatalogue.KeyNotFound);
    }

    [Fact]
    public async Task Revoking_a_single_integrations_key_does_not_disrupt_the_others()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (id, _) = await user.NewKey(Scopes.ProfileRead);
        var (_, other) = await user.NewKey(Scopes.ProfileRead);
        (await user.Login.Delete($"{Mine}/{id}")).Dispose();
        await user.With(other).Get("/api/users/me").Json();
    }
}
