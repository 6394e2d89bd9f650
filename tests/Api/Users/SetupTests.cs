using System.Net;
using System.Text.Json.Nodes;
using Orleans;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Storage;
using SessionManager.Users;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Users;

public class SetupTests
{
    [Fact]
    public async Task Whether_an_administrator_is_still_to_be_made_anyone_may_ask()
    {
        await using var server = await TestServer.Start();
        var nobody = TestUser.Nobody(server);
        Assert.True((await nobody.Get("/api/setup").Json())["needed"]!.GetValue<bool>());
        using var made = await nobody.Post("/api/setup", TestUser.Credentials("root"));
        Assert.False((await nobody.Get("/api/setup").Json())["needed"]!.GetValue<bool>());
    }

    [Fact]
    public async Task The_first_start_makes_the_administrator()
    {
        await using var server = await TestServer.Start();
        var made = await SetUp(server, "root").Json(HttpStatusCode.Created);
        Assert.Equal("root", made.Text("username"));
        Assert.True(made["is_admin"]!.GetValue<bool>());

        var root = new TestCaller(server.Http, await TestUser.SignIn(server, "root"));
        var listed = (await root.Get("/api/admin/users").Json())["data"]!.AsArray();
        Assert.Equal(made.ToJsonString(), Assert.Single(listed)!.ToJsonString());
    }

    [Fact]
    public async Task Setup_is_over_once_there_is_an_administrator_and_stays_so()
    {
        await using var first = await TestServer.Start();
        await SetUp(first, "root").Json(HttpStatusCode.Created);
        await SetUp(first, "root").Problem(ErrorCatalogue.SetupDone);
        await SetUp(first, "other").Problem(ErrorCatalogue.SetupDone);

        await using var second = await first.Restart();
        await SetUp(second, "root").Problem(ErrorCatalogue.SetupDone);
        await SetUp(second, "other").Problem(ErrorCatalogue.SetupDone);
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Many_setups_at_once_make_one_administrator(StorageProvider storage)
    {
        await using var server = await TestServer.Start(storage);
        var names = Enumerable.Range(0, 20).Select(number => $"admin{number / 2}").ToArray();
        var answers = await Task.WhenAll(names.Select(name => SetUp(server, name)));
        var made = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        foreach (var refused in answers.Where(answer => answer != made))
            await refused.Problem(ErrorCatalogue.SetupDone);

        var first = JsonNode.Parse(await made.Content.ReadAsStringAsync())!.AsObject().Text("username");
        var caller = new TestCaller(server.Http, await TestUser.SignIn(server, first));
        Assert.Single((await caller.Get("/api/admin/users").Json())["data"]!.AsArray());
        foreach (var other in names.Where(name => name != first).Distinct())
            await TestUser.TrySignIn(server, other, TestUser.DefaultPassword).Problem(ErrorCatalogue.InvalidLogin);
    }

    [Fact]
    public async Task A_setup_that_a_crash_cut_off_is_finished_under_the_same_name_and_no_other()
    {
        await using var server = await TestServer.Start();
        Assert.True(await server.Grains.GetGrain<IAdministratorsGrain>(IAdministratorsGrain.Key).Claim(UserIds.Of("root")));

        await SetUp(server, "other").Problem(ErrorCatalogue.SetupDone);
        await SetUp(server, "root").Json(HttpStatusCode.Created);
        await TestUser.SignIn(server, "root");
    }

    [Fact]
    public async Task No_key_sets_up_whoever_owns_it_and_hears_so_before_anything_of_its_body()
    {
        await using var server = await TestServer.Start();
        var account = await TestAccount.Open(server, admin: true);
        var key = await account.WithKey(Scopes.ProfileRead);
        var token = (await new TestCaller(server.Http, null).Post("/auth/token", $$"""{"api_key":"{{key.Credential}}"}""").Json()).Text("access_token");
        foreach (var caller in new[] { key, new TestCaller(server.Http, token) })
        {
            var problem = await caller.Post("/api/setup", "{").Problem(ErrorCatalogue.InsufficientScope);
            Assert.EndsWith("Sign in with a username and a password.", problem.Text("detail"), StringComparison.Ordinal);
        }

        await new TestCaller(server.Http, "nonsense").Post("/api/setup", "{}").Problem(ErrorCatalogue.InvalidToken);
        await (await account.WithLogin()).Post("/api/setup", TestUser.Credentials("root")).Json(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("", TestUser.DefaultPassword, "username")]
    [InlineData("two words", TestUser.DefaultPassword, "username")]
    [InlineData("naïve", TestUser.DefaultPassword, "username")]
    [InlineData("root", "seven77", "password")]
    public async Task A_name_or_password_that_is_not_allowed_claims_nothing(string name, string password, string field)
    {
        await using var server = await TestServer.Start();
        var problem = await TestUser.Nobody(server).Post("/api/setup", TestUser.Credentials(name, password)).Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal([field], problem.Fields());
        await SetUp(server, "root").Json(HttpStatusCode.Created);
    }

    static Task<HttpResponseMessage> SetUp(TestServer server, string name) =>
        TestUser.Nobody(server).Post("/api/setup", TestUser.Credentials(name));
}
