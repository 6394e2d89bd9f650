using SessionManager.Errors;
using SessionManager.Keys;

namespace SessionManager.Tests.Auth;

public class CredentialTests
{
    [Theory]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("Bearer")]
    [InlineData("odn_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Any_other_scheme_is_no_credential(string header)
    {
        var server = await TestServer.OnSqlite();
        await new TestCaller(server.Http, null).Send(HttpMethod.Get, "/regions", null, ("Authorization", header))
            .Problem(ErrorCatalogue.Unauthenticated);
    }

    [Fact]
    public async Task A_request_with_two_credentials_is_refused()
    {
        var server = await TestServer.OnSqlite();
        var key = await (await TestAccount.Open(server)).Key();
        var answer = await RawHttp.Send(
            server.Address, $"GET /regions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nAuthorization: Bearer {key}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bearer")]
    [InlineData("BEARER")]
    public async Task The_scheme_is_read_whatever_its_case(string scheme)
    {
        var server = await TestServer.OnSqlite();
        var key = await (await TestAccount.Open(server)).Key();
        await new TestCaller(server.Http, null).Send(HttpMethod.Get, "/regions", null, ("Authorization", $"{scheme} {key}")).Json();
    }

    [Fact]
    public async Task An_unknown_key_is_told_from_a_revoked_one_by_nothing()
    {
        var server = await TestServer.OnSqlite();
        var unknown = await new TestCaller(server.Http, KeyFormat.Create(TestServer.Random)).Get("/regions").Problem(ErrorCatalogue.InvalidKey);

        var key = await (await TestAccount.Open(server)).Key();
        await server.Grains.GetGrain<IKeyGrain>(KeyFormat.IdOf(KeyFormat.Hash(key))).Revoke();
        var revoked = await new TestCaller(server.Http, key).Get("/regions").Problem(ErrorCatalogue.InvalidKey);

        Assert.Equal(unknown.Text("detail"), revoked.Text("detail"));
    }

    [Theory]
    [InlineData("odn_")]
    [InlineData("odn_short")]
    [InlineData("odn_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")]
    public async Task A_mistyped_key_is_refused(string key)
    {
        var server = await TestServer.OnSqlite();
        using var response = await new TestCaller(server.Http, key).Get("/regions");
        await response.Problem(ErrorCatalogue.InvalidKey);
        Assert.Equal("Bearer realm=\"session-manager\", error=\"invalid_token\"", response.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task A_credential_far_too_long_is_refused()
    {
        var server = await TestServer.OnSqlite();
        await new TestCaller(server.Http, new string('a', 10_000)).Get("/regions").Problem(ErrorCatalogue.InvalidToken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Turning_an_accounts_keys_off_stops_them_at_once_and_on_again_brings_them_back(bool exchanged)
    {
        var server = await TestServer.OnSqlite();
        var account = await TestAccount.Open(server, keys: true);
        var caller = await account.WithKey();
        if (exchanged)
            caller = new TestCaller(server.Http, await Exchange(server, caller.Credential!));
        await caller.Get("/regions").Json();

        await account.Grain.Change(new() { KeysEnabled = false });
        await caller.Get("/regions").Problem(ErrorCatalogue.KeysDisabled);

        await account.Grain.Change(new() { KeysEnabled = true });
        await caller.Get("/regions").Json();
    }

    [Fact]
    public async Task An_administrators_keys_work_without_the_toggle()
    {
        var server = await TestServer.OnSqlite();
        await (await (await TestAccount.Open(server, admin: true, keys: false)).WithKey()).Get("/regions").Json();
    }

    [Fact]
    public async Task A_token_got_for_a_key_dies_with_the_key()
    {
        var server = await TestServer.OnSqlite();
        var key = await (await TestAccount.Open(server)).Key();
        var caller = new TestCaller(server.Http, await Exchange(server, key));
        await caller.Get("/regions").Json();

        await server.Grains.GetGrain<IKeyGrain>(KeyFormat.IdOf(KeyFormat.Hash(key))).Revoke();
        await caller.Get("/regions").Problem(ErrorCatalogue.InvalidToken);
    }

    [Fact]
    public async Task A_login_of_an_earlier_epoch_is_void()
    {
        var server = await TestServer.OnSqlite();
        var account = await TestAccount.Open(server);
        var before = await account.WithLogin();
        await before.Get("/regions").Json();

        await account.Grain.Change(new() { EndLogins = true });
        await before.Get("/regions").Problem(ErrorCatalogue.InvalidToken);
        await (await account.WithLogin()).Get("/regions").Json();
    }

    [Fact]
    public async Task The_rate_is_told_with_every_answer_and_refused_when_it_is_used_up()
    {
        await using var server = await TestServer.Start(settings: ["--Accounts:RequestsPerMinute", "3"]);
        var caller = await (await TestAccount.Open(server)).WithKey();
        for (var left = 2; left >= 0; left--)
        {
            using var response = await caller.Get("/regions");
            Assert.Equal("3", response.Header("RateLimit-Limit"));
            Assert.Equal($"{left}", response.Header("RateLimit-Remaining"));
            Assert.InRange(int.Parse(response.Header("RateLimit-Reset")!, null), 1, 60);
        }

        using var refused = await caller.Get("/regions");
        var problem = await refused.Problem(ErrorCatalogue.RateLimited);
        Assert.Equal("20", refused.Header("Retry-After"));
        Assert.Equal("0", refused.Header("RateLimit-Remaining"));
        Assert.Equal(20, problem["details"]!.AsObject().Number("retry_after_seconds"));
        Assert.Equal("RATE_LIMITED", problem.Text("error"));
        Assert.False(problem.ContainsKey("detail"));

        server.Time.Advance(TimeSpan.FromSeconds(20));
        await caller.Get("/regions").Json();
    }

    [Fact]
    public async Task A_nodes_reports_do_not_count_against_its_owners_rate()
    {
        await using var server = await TestServer.Start(settings: ["--Accounts:RequestsPerMinute", "2"]);
        var node = await TestNode.Register(server);
        for (var beat = 0; beat < 5; beat++)
            await node.Heartbeat();
    }

    [Fact]
    public async Task An_unknown_route_and_a_wrong_method_cost_nothing_and_need_no_credential()
    {
        var server = await TestServer.OnSqlite();
        var nobody = new TestCaller(server.Http, null);
        await nobody.Get("/api/nothing").Problem(ErrorCatalogue.NotFound);
        await nobody.Get("/credentials").Problem(ErrorCatalogue.MethodNotAllowed);
    }

    static async Task<string> Exchange(TestServer server, string key) =>
        (await new TestCaller(server.Http, null).Post("/auth/token", $$"""{"api_key":"{{key}}"}""").Json()).Text("access_token");
}
