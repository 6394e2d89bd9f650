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
        var end = server.Time.GetUtcNow().AddMinutes(30);
        var made = await user.Login.Post(
            Mine, $$"""{"name":"until","scopes":["profile:read"],"expires_at":"{{end.ToString("O", CultureInfo.InvariantCulture)}}"}""").Json(HttpStatusCode.Created);
        Assert.Equal(end, made.Time("expires_at"));
        Assert.Equal(end, Assert.Single(await user.Keys()).Time("expires_at"));
        var key = user.With(made.Text("key"));
        var token = await user.Exchanged(made.Text("key"));
        await key.Get("/api/users/me").Json();

        server.Time.Advance(end - server.Time.GetUtcNow());
        await key.Get("/api/users/me").Problem(ErrorCatalogue.InvalidKey);
        await token.Get("/api/users/me").Problem(ErrorCatalogue.InvalidToken);
        await TestUser.Nobody(server).Post("/auth/token", $$"""{"api_key":"{{made.Text("key")}}"}""").Problem(ErrorCatalogue.InvalidKey);
    }

    [Fact]
    public async Task A_key_cannot_end_before_it_begins()
    {
        var user = await TestUser.WithKeys(await TestServer.OnSqlite());
        var problem = await user.Login.Post(Mine, """{"name":"late","scopes":[],"expires_at":"2020-01-01T00:00:00Z"}""").Problem(ErrorCatalogue.InvalidValue);
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
        await before.Get("/api/users/me").Problem(ErrorCatalogue.InvalidKey);
        await after.Get("/api/users/me").Json();
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
        var problem = await user.Login.Post(Mine, $$"""{"name":"office","scopes":[],"allowed_networks":{{networks}}}""")
            .Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(["allowed_networks"], problem.Fields());
        Assert.Empty(await user.Keys());
    }
}
