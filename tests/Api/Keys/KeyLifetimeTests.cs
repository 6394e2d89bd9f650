using System.Globalization;
using System.Net;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Tests.Users;

namespace SessionManager.Tests.Keys;

/// <summary>What goes beyond the API keys document, for whoever asks for it.</summary>
public class KeyLifetimeTests
{
    const string Mine = "/api/users/me/keys";

    [Fact]
    public async Task A_key_made_with_an_end_stops_at_it_and_so_does_a_token_got_for_it()
    {
        await using var server = await TestServer.Start();
        var user = await TestUser.WithKeys(server);
        var end = DateTimeOffset.FromUnixTimeMilliseconds(server.Time.GetUtcNow().AddMinutes(30).ToUnixTimeMilliseconds());
        var made = await user.Login.Post(
            Mine, $$"""{"name":"until","scopes":["profile:read"],"expires_at":"{{end.ToString("O", CultureInfo.InvariantCulture)}}"}""").Json(HttpStatusCode.Created);
        Assert.Equal(end, made.Time("expires_at"));
        Assert.Equal(end, Assert.Single(await user.Keys()).Time("expires_at"));
        var key = user.With(made.Text("key"));
        var token = await user.Exchanged(made.Text("key"));
        await key.Get("/api/users/me").Json();

        server.Time.Advance(end - server.Time.GetUtcNow());
        var expired = await key.Get("/api/users/me").Problem(ErrorCatalogue.InvalidKey);
        Assert.StartsWith("The API key expired at ", expired.Text("detail"), StringComparison.Ordinal);
        await token.Get("/api/users/me").Problem(ErrorCatalogue.InvalidToken);
        await TestUser.Nobody(server).Post("/auth/token", $$"""{"api_key":"{{made.Text("key")}}"}""").Problem(ErrorCatalogue.InvalidKey);
    }

    [Fact]
    public async Task A_key_cannot_end_before_it_begins()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var problem = await user.Login.Post(Mine, """{"name":"late","scopes":["profile:read"],"expires_at":"2020-01-01T00:00:00Z"}""").Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(["expires_at"], problem.Fields());
    }

    [Fact]
    public async Task A_rotated_key_goes_on_for_its_grace_beside_the_new_one_of_its_name_and_scopes()
    {
        await using var server = await TestServer.Start();
        var user = await TestUser.WithKeys(server);
        var (id, key) = await user.NewKey(Scopes.ProfileRead);
        var made = await user.Login.Post($"{Mine}/{id}/rotate", """{"grace_seconds":600}""").Json(HttpStatusCode.Created);
        var (before, after) = (user.With(key), user.With(made.Text("key")));

        var listed = await user.Keys();
        Assert.Equal([id, made.Text("id")], listed.Select(each => each.Text("id")));
        Assert.Equal(listed[0].Text("name"), listed[1].Text("name"));
        Assert.Equal(listed[0]["scopes"]!.ToJsonString(), listed[1]["scopes"]!.ToJsonString());
        Assert.True(listed[0].ContainsKey("expires_at"));
        Assert.False(listed[1].ContainsKey("expires_at"));
        await before.Get("/api/users/me").Json();
        await after.Get("/api/users/me").Json();

        server.Time.Advance(TimeSpan.FromSeconds(600));
        var replaced = await before.Get("/api/users/me").Problem(ErrorCatalogue.InvalidKey);
        Assert.StartsWith("The API key was replaced ", replaced.Text("detail"), StringComparison.Ordinal);
        await after.Get("/api/users/me").Json();
    }

    [Theory, InlineData(0), InlineData(3)]
    public async Task A_rotation_repeated_because_its_answer_was_lost_names_the_successor_and_makes_no_other(int grace)
    {
        await using var server = await TestServer.Start();
        var user = await TestUser.WithKeys(server);
        var (id, _) = await user.NewKey(Scopes.ProfileRead);
        var body = $$"""{"grace_seconds":{{grace}}}""";
        var successor = await user.Login.Post($"{Mine}/{id}/rotate", body).Json(HttpStatusCode.Created);
        var repeated = await user.Login.Post($"{Mine}/{id}/rotate", body).Problem(ErrorCatalogue.KeyRotated);
        Assert.Contains(successor.Text("id"), repeated.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(successor.Text("id"), (await user.Keys())[0].Text("replaced_by"));
        Assert.Equal(2, (await user.Keys()).Length);

        // The end of the old one's grace is not the successor's.
        server.Time.Advance(TimeSpan.FromDays(1));
        await user.Login.Get("/api/users/me").Problem(ErrorCatalogue.InvalidToken);
        await user.With(successor.Text("key")).Get("/api/users/me").Json();
    }

    [Fact]
    public async Task Where_the_lost_successor_was_revoked_the_key_is_rotated_again_while_its_grace_lasts()
    {
        await using var server = await TestServer.Start();
        var user = await TestUser.WithKeys(server);
        var (id, key) = await user.NewKey(Scopes.ProfileRead);
        var lost = await user.Login.Post($"{Mine}/{id}/rotate", """{"grace_seconds":60}""").Json(HttpStatusCode.Created);
        (await user.Login.Delete($"{Mine}/{lost.Text("id")}")).Dispose();

        var successor = await user.Login.Post($"{Mine}/{id}/rotate", """{"grace_seconds":600}""").Json(HttpStatusCode.Created);
        Assert.False(successor.ContainsKey("expires_at"));
        server.Time.Advance(TimeSpan.FromSeconds(61));
        // The grace it was given first is what it has.
        await user.With(key).Get("/api/users/me").Problem(ErrorCatalogue.InvalidKey);
        await user.With(successor.Text("key")).Get("/api/users/me").Json();

        (await user.Login.Delete($"{Mine}/{successor.Text("id")}")).Dispose();
        await user.Login.Post($"{Mine}/{id}/rotate", "{}").Problem(ErrorCatalogue.KeyEnded);
    }

    [Fact]
    public async Task Many_rotations_of_one_key_at_once_leave_one_successor()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (id, _) = await user.NewKey(Scopes.ProfileRead);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => user.Login.Post($"{Mine}/{id}/rotate", """{"grace_seconds":60}""")));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
            await refused.Problem(ErrorCatalogue.KeyRotated);
        Assert.Equal(2, (await user.Keys()).Length);
    }

    [Fact]
    public async Task A_successor_has_the_keys_own_end_and_a_key_past_it_is_not_rotated()
    {
        await using var server = await TestServer.Start();
        var user = await TestUser.WithKeys(server);
        var end = DateTimeOffset.FromUnixTimeSeconds(server.Time.GetUtcNow().AddMinutes(30).ToUnixTimeSeconds());
        var made = await user.Login.Post(
            Mine, $$"""{"name":"until","scopes":["profile:read"],"expires_at":"{{end:yyyy-MM-ddTHH:mm:ssZ}}"}""").Json(HttpStatusCode.Created);
        var successor = await user.Login.Post($"{Mine}/{made.Text("id")}/rotate", """{"grace_seconds":3}""").Json(HttpStatusCode.Created);
        Assert.Equal(end, successor.Time("expires_at"));

        server.Time.Advance(TimeSpan.FromMinutes(31));
        await user.Login.Post($"{Mine}/{successor.Text("id")}/rotate", "{}").Problem(ErrorCatalogue.KeyEnded);
    }

    [Fact]
    public async Task Keys_that_have_ended_do_not_count_and_leave_the_list_after_a_while_and_the_audit_never()
    {
        await using var server = await TestServer.Start(settings: ["--Keys:MaxPerAccount", "3", "--Keys:ForgetSeconds", "600"]);
        var user = await TestUser.WithKeys(server);
        var (id, _) = await user.NewKey(Scopes.ProfileRead);
        var first = id;
        for (var rotation = 0; rotation < 10; rotation++)
        {
            id = (await user.Login.Post($"{Mine}/{id}/rotate", """{"grace_seconds":1}""").Json(HttpStatusCode.Created)).Text("id");
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(11, (await user.Keys()).Length);
        await user.NewKey();
        await user.NewKey();
        // Full, and one that ends as the other begins needs no room.
        await user.TryNewKey().Problem(ErrorCatalogue.TooManyKeys);
        await user.Login.Post($"{Mine}/{id}/rotate", """{"grace_seconds":60}""").Problem(ErrorCatalogue.TooManyKeys);
        id = (await user.Login.Post($"{Mine}/{id}/rotate", "{}").Json(HttpStatusCode.Created)).Text("id");

        server.Time.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal(3, (await user.Keys()).Length);
        Assert.Contains(id, (await user.Keys()).Select(key => key.Text("id")));
        Assert.NotEmpty((await user.Administrator.Get($"/api/admin/audit?target={first}").Json())["data"]!.AsArray());
    }

    [Theory]
    [InlineData("\"tomorrow\"", "must be an RFC 3339 time like 2026-01-31T12:00:00Z")]
    [InlineData("\"2030-01-01\"", "must be an RFC 3339 time like 2026-01-31T12:00:00Z")]
    [InlineData("\"2030-01-01T00:00:00\"", "must be an RFC 3339 time like 2026-01-31T12:00:00Z")]
    [InlineData("1893456000", "must be an RFC 3339 time like 2026-01-31T12:00:00Z")]
    public async Task An_end_that_is_no_time_is_told_how_a_time_looks(string end, string says)
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var problem = await user.Login.Post(Mine, $$"""{"name":"until","scopes":["profile:read"],"expires_at":{{end}}}""").Problem(ErrorCatalogue.MalformedRequest);
        Assert.Equal(["expires_at"], problem.Fields());
        Assert.Contains($"`expires_at` {says}", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_time_is_answered_in_UTC_with_milliseconds()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var made = await user.Login.Post(
            Mine, """{"name":"until","scopes":["profile:read"],"expires_at":"2100-01-01T02:00:00.1234567+02:00"}""").Json(HttpStatusCode.Created);
        Assert.Equal("2100-01-01T00:00:00.123Z", made.Text("expires_at"));
        var audit = (await user.Administrator.Get($"/api/admin/audit?target={made.Text("id")}").Json())["data"]!.AsArray()[0]!.AsObject();
        foreach (var time in new[] { made.Text("created_at"), (await user.Keys())[0].Text("created_at"), audit.Text("at") })
            Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", time);
    }

    [Fact]
    public async Task Without_a_grace_the_old_key_ends_before_the_new_one_is_answered()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var (id, key) = await user.NewKey(Scopes.ProfileRead);
        await user.Login.Post($"{Mine}/{id}/rotate", "{}").Json(HttpStatusCode.Created);
        await user.With(key).Get("/api/users/me").Problem(ErrorCatalogue.InvalidKey);
    }

    [Fact]
    public async Task Only_ones_own_living_key_can_be_rotated_and_only_so_far()
    {
        var server = await TestServer.OnSqlite();
        var (owner, other) = (await TestUser.WithKeys(server), await TestUser.WithKeys(server));
        var (id, key) = await owner.NewKey(Scopes.ProfileRead);
        await other.Login.Post($"{Mine}/{id}/rotate", "{}").Problem(ErrorCatalogue.KeyNotFound);
        await owner.With(key).Post($"{Mine}/{id}/rotate", "{}").Problem(ErrorCatalogue.InsufficientScope);
        var problem = await owner.Login.Post($"{Mine}/{id}/rotate", """{"grace_seconds":2592001}""").Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(["grace_seconds"], problem.Fields());
        Assert.Single(await owner.Keys());
    }

    [Fact]
    public async Task A_key_made_for_some_networks_opens_nothing_from_elsewhere_and_neither_does_a_token_got_for_it()
    {
        await using var server = await TestServer.Start(settings: ["--Api:TrustedProxies", "127.0.0.1, ::1"]);
        var user = await TestUser.WithKeys(server);
        var made = await user.Login.Post(
            Mine, """{"name":"office","scopes":["profile:read"],"allowed_networks":["203.0.113.0/24","2001:db8::7"]}""").Json(HttpStatusCode.Created);
        var key = made.Text("key");
        Assert.Equal("""["203.0.113.0/24","2001:db8::7"]""", made["allowed_networks"]!.ToJsonString());
        Assert.Equal(made["allowed_networks"]!.ToJsonString(), Assert.Single(await user.Keys())["allowed_networks"]!.ToJsonString());

        var token = (await From("203.0.113.9", null, HttpMethod.Post, "/auth/token", $$"""{"api_key":"{{key}}"}""").Json()).Text("access_token");
        foreach (var credential in new[] { key, token })
        {
            await From("203.0.113.9", credential).Json();
            await From("2001:db8::7", credential).Json();
            await From("203.0.114.9", credential).Problem(ErrorCatalogue.AddressNotAllowed);
            await From("203.0.113.9, 198.51.100.1", credential).Problem(ErrorCatalogue.AddressNotAllowed);
            await user.With(credential).Get("/api/users/me").Problem(ErrorCatalogue.AddressNotAllowed);
        }

        await From("198.51.100.1", null, HttpMethod.Post, "/auth/token", $$"""{"api_key":"{{key}}"}""").Problem(ErrorCatalogue.AddressNotAllowed);
        var rotated = await user.Login.Post($"{Mine}/{made.Text("id")}/rotate", "{}").Json(HttpStatusCode.Created);
        await From("203.0.113.9", rotated.Text("key")).Json();
        await From("203.0.114.9", rotated.Text("key")).Problem(ErrorCatalogue.AddressNotAllowed);

        Task<HttpResponseMessage> From(
            string address, string? credential, HttpMethod? method = null, string path = "/api/users/me", string? body = null) =>
            new TestCaller(server.Http, credential).Send(method ?? HttpMethod.Get, path, body, ("X-Forwarded-For", address));
    }

    [Fact]
    public async Task What_a_caller_says_of_its_address_itself_counts_for_nothing()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.WithKeys(server);
        var made = await user.Login.Post(
            Mine, """{"name":"office","scopes":["profile:read"],"allowed_networks":["203.0.113.0/24"]}""").Json(HttpStatusCode.Created);
        await user.With(made.Text("key")).Send(HttpMethod.Get, "/api/users/me", null, ("X-Forwarded-For", "203.0.113.9"))
            .Problem(ErrorCatalogue.AddressNotAllowed);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""["here"]""")]
    [InlineData("""["203.0.113.7/24"]""")]
    [InlineData("""[null]""")]
    [InlineData("""["10.0.0.0/33"]""")]
    public async Task Networks_that_are_none_are_refused(string networks)
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var problem = await user.Login.Post(Mine, $$"""{"name":"office","scopes":["profile:read"],"allowed_networks":{{networks}}}""")
            .Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(["allowed_networks"], problem.Fields());
        Assert.Empty(await user.Keys());
    }
}
