using System.Net;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Tests.People;

namespace SessionManager.Tests.Keys;

/// <summary>The API keys document, statement by statement, in its order. A test's name is the statement.</summary>
public class ApiKeySeedTests
{
    const string Mine = "/api/users/me/keys";

    [Fact]
    public async Task A_key_lets_you_script_without_embedding_a_username_and_password_or_a_short_lived_JWT()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var (_, key) = await person.NewKey(Scopes.SessionsRead);
        await person.With(key).Get("/api/sessions").Json();
    }

    [Fact]
    public async Task Each_key_belongs_to_a_single_user()
    {
        var server = await TestServer.OnSqlite();
        var owner = await TestPerson.WithKeys(server);
        var other = await TestPerson.WithKeys(server);
        var (id, key) = await owner.NewKey(Scopes.ProfileRead);

        Assert.Equal(owner.Id, (await owner.With(key).Get("/api/users/me").Json()).Text("id"));
        Assert.Empty(await other.Keys());
        await other.Login.Delete($"{Mine}/{id}").Problem(ErrorCatalogue.KeyNotFound);
        await owner.With(key).Get("/api/users/me").Json();
    }

    [Fact]
    public async Task A_key_carries_a_fixed_set_of_scopes()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var (id, key) = await person.NewKey(Scopes.SessionsRead);

        await person.Login.Patch($"{Mine}/{id}", """{"scopes":["profile:read"]}""").Problem(ErrorCatalogue.MethodNotAllowed);
        await person.Login.Put($"{Mine}/{id}", """{"scopes":["profile:read"]}""").Problem(ErrorCatalogue.MethodNotAllowed);
        await person.With(key).Get("/api/users/me").Problem(ErrorCatalogue.InsufficientScope);
    }

    [Fact]
    public async Task A_key_can_be_revoked_at_any_time_without_affecting_the_users_interactive_sessions()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var (id, key) = await person.NewKey(Scopes.ProfileRead);
        using (var revoked = await person.Login.Delete($"{Mine}/{id}"))
            Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);

        await person.With(key).Get("/api/users/me").Problem(ErrorCatalogue.InvalidKey);
        await person.Login.Get("/api/users/me").Json();
    }

    [Fact]
    public async Task API_keys_are_disabled_by_default_for_non_admin_users()
    {
        var person = await TestPerson.Join(await TestServer.OnSqlite());

        Assert.False((await person.Login.Get("/api/users/me").Json())["api_keys_enabled"]!.GetValue<bool>());
        await person.Login.Get(Mine).Problem(ErrorCatalogue.KeysDisabled);
        await person.Login.Delete($"{Mine}/key_aaaaaaaaaaaaaaaaaaaaaaaaaa").Problem(ErrorCatalogue.KeysDisabled);
    }

    [Fact]
    public async Task An_administrator_must_opt_a_user_in_before_that_user_can_mint_keys()
    {
        var person = await TestPerson.Join(await TestServer.OnSqlite());
        await person.TryNewKey(Scopes.ProfileRead).Problem(ErrorCatalogue.KeysDisabled);

        await person.Change("""{"api_keys_enabled":true}""");
        await person.NewKey(Scopes.ProfileRead);
    }

    [Fact]
    public async Task Administrators_always_have_API_key_access_and_do_not_need_a_toggle()
    {
        var person = await TestPerson.Join(await TestServer.OnSqlite(), """{"is_admin":true,"api_keys_enabled":false}""");
        var (_, key) = await person.NewKey(Scopes.ProfileRead);
        await person.With(key).Get("/api/users/me").Json();
    }

    [Fact]
    public async Task Turning_the_toggle_off_makes_every_existing_key_of_the_user_immediately_stop_working()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var keys = new[] { await person.NewKey(Scopes.ProfileRead), await person.NewKey(Scopes.ProfileRead) };
        var token = await person.Exchanged(keys[0].Key);
        await token.Get("/api/users/me").Json();

        await person.Change("""{"api_keys_enabled":false}""");

        Assert.All(
            await Task.WhenAll(keys.Select(key => person.With(key.Key).Get("/api/users/me").Problem(ErrorCatalogue.KeysDisabled))), Assert.NotNull);
        await token.Get("/api/users/me").Problem(ErrorCatalogue.KeysDisabled);
        await TestPerson.Nobody(person.Server).Post("/auth/token", $$"""{"api_key":"{{keys[0].Key}}"}""").Problem(ErrorCatalogue.KeysDisabled);
    }

    [Fact]
    public async Task No_further_requests_are_authenticated_until_the_toggle_is_turned_back_on()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var (_, key) = await person.NewKey(Scopes.ProfileRead);
        await person.Change("""{"api_keys_enabled":false}""");
        await person.With(key).Get("/api/users/me").Problem(ErrorCatalogue.KeysDisabled);

        await person.Change("""{"api_keys_enabled":true}""");
        await person.With(key).Get("/api/users/me").Json();
    }

    [Fact]
    public async Task Existing_keys_are_not_deleted_by_the_toggle()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var (id, _) = await person.NewKey(Scopes.ProfileRead);
        await person.Change("""{"api_keys_enabled":false}""");

        var listed = (await person.Administrator.Get($"{person.Path}/keys").Json())["data"]!.AsArray();
        Assert.Equal(id, Assert.Single(listed)!["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_key_has_a_memorable_name_and_the_scopes_ticked()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        await person.Login.Post(Mine, TestPerson.KeyBody("home-automation-script", Scopes.SessionsWrite, Scopes.SessionsRead))
            .Json(HttpStatusCode.Created);

        var listed = Assert.Single(await person.Keys());
        Assert.Equal("home-automation-script", listed.Text("name"));
        Assert.Equal([Scopes.SessionsRead, Scopes.SessionsWrite], listed["scopes"]!.AsArray().Select(scope => scope!.GetValue<string>()));
    }

    [Fact]
    public async Task The_plaintext_key_is_shown_exactly_once_immediately_after_creation()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var (_, key) = await person.NewKey(Scopes.ProfileRead);

        foreach (var answering in new[] { person.Login.Get(Mine), person.Administrator.Get($"{person.Path}/keys") })
        {
            var listed = (await answering.Json())["data"]!.AsArray().Single()!.AsObject();
            Assert.Equal(["created_at", "id", "name", "prefix", "scopes"], listed.Select(member => member.Key).Order());
            Assert.DoesNotContain(key[10..], listed.ToJsonString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Keys_are_odn_followed_by_a_52_character_base32_string()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        Assert.Matches("^odn_[a-z2-7]{52}$", (await person.NewKey()).Key);
    }

    [Fact]
    public async Task API_keys_do_not_expire()
    {
        await using var server = await TestServer.Start();
        var person = await TestPerson.WithKeys(server);
        var (_, key) = await person.NewKey(Scopes.ProfileRead);

        server.Time.Advance(TimeSpan.FromDays(10 * 365));
        await person.With(key).Get("/api/users/me").Json();
    }

    [Fact]
    public async Task The_key_is_sent_in_the_Authorization_header_exactly_the_same_way_as_a_JWT()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var (_, key) = await person.NewKey(Scopes.ProfileRead);

        var asKey = await person.With(key).Get("/api/users/me").Json();
        var asLogin = await person.Login.Get("/api/users/me").Json();
        Assert.Equal(asLogin.ToJsonString(), asKey.ToJsonString());
    }

    [Fact]
    public async Task JWT_authenticated_requests_bypass_per_route_scope_enforcement_entirely()
    {
        var person = await TestPerson.Join(await TestServer.OnSqlite());
        foreach (var path in new[] { "/api/users/me", "/api/sessions", "/api/nodes", "/api/usage" })
            await person.Login.Get(path).Json();
    }

    [Fact]
    public async Task A_route_not_enabled_for_API_keys_returns_403()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var (_, key) = await person.NewKey([.. Scopes.All.Except([Scopes.NodesReport])]);
        await person.With(key).Get(Mine).Problem(ErrorCatalogue.InsufficientScope);
        await person.With(key).Post(Mine, TestPerson.KeyBody("second")).Problem(ErrorCatalogue.InsufficientScope);
    }

    [Theory]
    [InlineData("GET", "/api/admin/users")]
    [InlineData("GET", "/api/admin/sessions")]
    [InlineData("GET", "/api/admin/audit")]
    [InlineData("POST", "/api/admin/users")]
    public async Task Administrative_endpoints_are_never_accessible_via_API_key_even_if_the_underlying_user_is_an_admin(string method, string path)
    {
        var person = await TestPerson.Join(await TestServer.OnSqlite(), """{"is_admin":true}""");
        var (_, key) = await person.NewKey([.. Scopes.All]);
        await person.With(key).Send(new HttpMethod(method), path).Problem(ErrorCatalogue.InsufficientScope);
        await (await person.Exchanged(key)).Send(new HttpMethod(method), path).Problem(ErrorCatalogue.InsufficientScope);
    }

    [Fact]
    public async Task Administrative_actions_are_automated_with_a_JWT_obtained_from_login()
    {
        var server = await TestServer.OnSqlite();
        var person = await TestPerson.Join(server, """{"is_admin":true}""");
        await person.With(await TestPerson.SignIn(server, person.Name)).Get("/api/admin/users").Json();
    }

    [Fact]
    public async Task A_key_must_hold_every_scope_it_intends_to_use_and_there_is_no_inheritance_between_scopes()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var (_, write) = await person.NewKey(Scopes.SessionsWrite);
        var problem = await person.With(write).Get("/api/sessions").Problem(ErrorCatalogue.InsufficientScope);
        Assert.Contains(Scopes.SessionsRead, problem.Text("detail"), StringComparison.Ordinal);

        var (_, both) = await person.NewKey(Scopes.SessionsWrite, Scopes.SessionsRead);
        await person.With(both).Get("/api/sessions").Json();
    }

    [Fact]
    public async Task Profile_read_grants_access_to_users_me()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        foreach (var scope in Scopes.All.Except([Scopes.ProfileRead, Scopes.NodesReport]))
            await person.With((await person.NewKey(scope)).Key).Get("/api/users/me").Problem(ErrorCatalogue.InsufficientScope);
        await person.With((await person.NewKey(Scopes.ProfileRead)).Key).Get("/api/users/me").Json();
    }

    [Fact]
    public async Task The_list_shows_every_key_with_its_prefix_scopes_and_the_time_of_its_last_successful_use()
    {
        await using var server = await TestServer.Start();
        var person = await TestPerson.WithKeys(server);
        var (unused, _) = await person.NewKey();
        var (id, key) = await person.NewKey(Scopes.ProfileRead);
        server.Time.Advance(TimeSpan.FromMinutes(30));
        await person.With(key).Get("/api/users/me").Json();

        var keys = await person.Keys();
        Assert.Equal([unused, id], keys.Select(listed => listed.Text("id")));
        Assert.Equal(key[..10], keys[1].Text("prefix"));
        Assert.False(keys[0].ContainsKey("last_used_at"));
        Assert.InRange(keys[1].Time("last_used_at") - keys[1].Time("created_at"), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(31));
    }

    [Fact]
    public async Task Only_a_successful_use_is_a_use()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var (_, key) = await person.NewKey();
        await person.With(key[..^1] + (key[^1] == 'a' ? 'q' : 'a')).Get("/regions").Problem(ErrorCatalogue.InvalidKey);
        Assert.False(Assert.Single(await person.Keys()).ContainsKey("last_used_at"));
    }

    [Fact]
    public async Task Revoke_deletes_the_key_immediately()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var (id, key) = await person.NewKey(Scopes.ProfileRead);
        var token = await person.Exchanged(key);
        (await person.Login.Delete($"{Mine}/{id}")).Dispose();

        await person.With(key).Get("/api/users/me").Problem(ErrorCatalogue.InvalidKey);
        await token.Get("/api/users/me").Problem(ErrorCatalogue.InvalidToken);
        await TestPerson.Nobody(person.Server).Post("/auth/token", $$"""{"api_key":"{{key}}"}""").Problem(ErrorCatalogue.InvalidKey);
        Assert.Empty(await person.Keys());
        await person.Login.Delete($"{Mine}/{id}").Problem(ErrorCatalogue.KeyNotFound);
    }

    [Fact]
    public async Task Revoked_keys_cannot_be_restored()
    {
        await using var server = await TestServer.Start(settings: ["--Keys:LastUsedSeconds", "1"]);
        var person = await TestPerson.WithKeys(server);
        var (id, key) = await person.NewKey(Scopes.ProfileRead);
        await person.With(key).Get("/api/users/me").Json();
        (await person.Login.Delete($"{Mine}/{id}")).Dispose();

        var again = new KeyRecord
        {
            AccountId = person.Id,
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
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var (id, key) = await person.NewKey(Scopes.ProfileRead);
        var listed = (await person.Administrator.Get($"{person.Path}/keys").Json())["data"]!.AsArray();
        Assert.Equal(id, Assert.Single(listed)!["id"]!.GetValue<string>());

        using (var revoked = await person.Administrator.Delete($"{person.Path}/keys/{id}"))
            Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        await person.With(key).Get("/api/users/me").Problem(ErrorCatalogue.InvalidKey);
        await person.Administrator.Delete($"{person.Path}/keys/{id}").Problem(ErrorCatalogue.KeyNotFound);
    }

    [Fact]
    public async Task Revoking_a_single_integrations_key_does_not_disrupt_the_others()
    {
        var person = await TestPerson.WithKeys(await TestServer.OnSqlite());
        var (id, _) = await person.NewKey(Scopes.ProfileRead);
        var (_, other) = await person.NewKey(Scopes.ProfileRead);
        (await person.Login.Delete($"{Mine}/{id}")).Dispose();
        await person.With(other).Get("/api/users/me").Json();
    }
}
