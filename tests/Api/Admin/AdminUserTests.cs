using System.Net;
using System.Text.Json.Nodes;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Storage;
using SessionManager.Tests.Users;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Admin;

public class AdminUserTests
{
    const string Users = "/api/admin/users";

    [Fact]
    public async Task A_new_user_is_answered_with_their_account()
    {
        var administrator = await Administrator();
        var name = TestServer.NewName("User");
        using var response = await administrator.Post(Users, TestUser.Credentials(name));
        var made = await Task.FromResult(response).Json(HttpStatusCode.Created);

        Assert.Equal(
            ["active_count", "api_keys_enabled", "created_at", "id", "is_admin", "max_concurrent", "suspended", "username"],
            made.Select(member => member.Key).Order());
        Assert.Equal(name, made.Text("username"));
        Assert.False(made["is_admin"]!.GetValue<bool>());
        Assert.Equal($"{Users}/{made.Text("id")}", response.Header("Location"));
        Assert.Equal(made.ToJsonString(), (await administrator.Get($"{Users}/{made.Text("id")}").Json()).ToJsonString());
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Many_requests_for_one_name_in_any_case_make_one_user(StorageProvider storage)
    {
        var server = await TestServer.On(storage);
        var administrator = await (await TestAccount.Open(server, admin: true)).WithLogin();
        var name = TestServer.NewName("racer");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
            administrator.Post(Users, TestUser.Credentials(number % 2 == 0 ? name : name.ToUpperInvariant(), $"password number {number}"))));
        var made = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        foreach (var refused in answers.Where(answer => answer != made))
            await refused.Problem(ErrorCatalogue.UsernameTaken);
        Assert.Single((await administrator.Get($"{Users}?search={name}").Json())["data"]!.AsArray());

        var winner = Array.IndexOf(answers, made);
        await TestUser.SignIn(server, name, $"password number {winner}");
        await TestUser.TrySignIn(server, name, $"password number {(winner + 1) % 20}").Problem(ErrorCatalogue.InvalidLogin);
    }

    [Fact]
    public async Task Users_are_listed_by_name_page_by_page_and_found_by_a_part_of_it()
    {
        await using var server = await TestServer.Start();
        var administrator = await (await TestAccount.Open(server, admin: true)).WithLogin();
        foreach (var name in new[] { "carol", "Alice", "bob", "alan_t" })
            await administrator.Post(Users, TestUser.Credentials(name)).Json(HttpStatusCode.Created);

        var first = await administrator.Get($"{Users}?limit=3").Json();
        var second = await administrator.Get($"{Users}?limit=3&cursor={first.Text("cursor")}").Json();
        Assert.Equal(["alan_t", "Alice", "bob"], Names(first));
        Assert.Equal(["carol"], Names(second));
        Assert.False(second.ContainsKey("cursor"));

        Assert.Equal(["alan_t", "Alice"], Names(await administrator.Get($"{Users}?search=AL").Json()));
        Assert.Equal(["alan_t"], Names(await administrator.Get($"{Users}?search=_").Json()));
        Assert.Empty(Names(await administrator.Get($"{Users}?search=%25").Json()));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=many", "limit")]
    [InlineData("cursor=none", "cursor")]
    public async Task A_list_refuses_what_is_no_page(string query, string field) =>
        Assert.Equal([field], (await (await Administrator()).Get($"{Users}?{query}").Problem(ErrorCatalogue.InvalidValue)).Fields());

    [Theory]
    [InlineData("""{"api_keys_enabled":true}""", "api_keys_enabled", "true")]
    [InlineData("""{"max_concurrent":0}""", "max_concurrent", "0")]
    [InlineData("""{"max_concurrent":12}""", "max_concurrent", "12")]
    [InlineData("""{"monthly_hours":2.5}""", "monthly_hours", "2.5")]
    [InlineData("""{"max_stream_seconds":3600}""", "max_stream_seconds", "3600")]
    [InlineData("""{"is_admin":true}""", "is_admin", "true")]
    [InlineData("""{"suspended":true,"reason":"Unpaid."}""", "reason", "\"Unpaid.\"")]
    [InlineData("{}", "suspended", "false")]
    public async Task Each_permission_and_limit_can_be_changed_and_the_rest_stays(string change, string member, string value)
    {
        var user = await TestUser.Join(await TestServer.OnSqlite());
        var before = await user.Administrator.Get(user.Path).Json();
        var changed = await user.Change(change);

        Assert.Equal(value, changed[member]!.ToJsonString());
        Assert.Equal(changed.ToJsonString(), (await user.Administrator.Get(user.Path).Json()).ToJsonString());
        var touched = JsonNode.Parse(change)!.AsObject().Select(given => given.Key).Append("api_keys_enabled").ToHashSet();
        foreach (var (name, old) in before.Where(old => !touched.Contains(old.Key)))
            Assert.Equal(old?.ToJsonString(), changed[name]?.ToJsonString());
    }

    [Fact]
    public async Task A_null_takes_a_limit_away_and_a_missing_member_leaves_it()
    {
        var user = await TestUser.Join(await TestServer.OnSqlite(), """{"monthly_hours":1,"max_stream_seconds":60}""");

        var one = await user.Change("""{"monthly_hours":null}""");
        Assert.False(one.ContainsKey("monthly_hours"));
        Assert.Equal(60, one.Number("max_stream_seconds"));
        Assert.False((await user.Change("""{"max_stream_seconds":null}""")).ContainsKey("max_stream_seconds"));
    }

    [Theory]
    [InlineData("""{"max_concurrent":-1}""", "max_concurrent")]
    [InlineData("""{"monthly_hours":-1}""", "monthly_hours")]
    [InlineData("""{"max_stream_seconds":0}""", "max_stream_seconds")]
    [InlineData("""{"reason":""}""", "reason")]
    [InlineData("""{"password":"short"}""", "password")]
    public async Task A_value_that_is_not_allowed_changes_nothing(string change, string field)
    {
        var user = await TestUser.Join(await TestServer.OnSqlite());
        var before = await user.Administrator.Get(user.Path).Json();
        var problem = await user.Administrator.Patch(user.Path, change).Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal([field], problem.Fields());
        Assert.Equal(before.ToJsonString(), (await user.Administrator.Get(user.Path).Json()).ToJsonString());
    }

    [Theory]
    [InlineData("""{"username":"other"}""")]
    [InlineData("""{"max_concurrent":"5"}""")]
    [InlineData("""{"monthly_hours":"all"}""")]
    [InlineData("""{"suspended":1}""")]
    [InlineData("[]")]
    public async Task A_change_that_cannot_be_read_is_refused(string change)
    {
        var user = await TestUser.Join(await TestServer.OnSqlite());
        await user.Administrator.Patch(user.Path, change).Problem(ErrorCatalogue.MalformedRequest);
    }

    [Theory]
    [InlineData("usr_aaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("nobody")]
    public async Task Someone_who_does_not_exist_is_not_found(string id)
    {
        var administrator = await Administrator();
        await administrator.Get($"{Users}/{id}").Problem(ErrorCatalogue.UserNotFound);
        await administrator.Patch($"{Users}/{id}", """{"suspended":true}""").Problem(ErrorCatalogue.UserNotFound);
        await administrator.Get($"{Users}/{id}/keys").Problem(ErrorCatalogue.UserNotFound);
        await administrator.Delete($"{Users}/{id}/keys/key_aaaaaaaaaaaaaaaaaaaaaaaaaa").Problem(ErrorCatalogue.UserNotFound);
    }

    [Fact]
    public async Task Suspension_holds_at_the_next_request_for_the_login_the_key_and_the_token_got_for_it_and_ends_their_sessions()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.WithKeys(server);
        var (_, key) = await user.NewKey(Scopes.SessionsWrite, Scopes.ProfileRead);
        var node = await TestNode.Register(server);
        var minted = await user.With(key).Post("/credentials", node.Body).Json(HttpStatusCode.Created);
        await node.Connected(minted.Text("session_id"), minted.Text("session_token"), "c1").Json();
        var callers = new[] { user.Login, user.With(key), await user.Exchanged(key) };

        await user.Change("""{"suspended":true,"reason":"Unpaid."}""");

        foreach (var caller in callers)
        {
            var problem = await caller.Get("/api/users/me").Problem(ErrorCatalogue.SuspendedAccount);
            Assert.Contains("Unpaid.", problem.Text("detail"), StringComparison.Ordinal);
            var usage = await caller.Post("/credentials", "{}").Problem(ErrorCatalogue.AccountSuspended);
            Assert.Equal("Unpaid.", usage["details"]!.AsObject().Text("reason"));
        }

        var session = (await user.Administrator.Get($"/api/admin/sessions?account_id={user.Id}").Json())["data"]!.AsArray().Single()!.AsObject();
        Assert.Equal("account_suspended", session.Text("reason"));

        Assert.False((await user.Change("""{"suspended":false}""")).ContainsKey("reason"));
        // Its logins are ended for good, its keys were only stopped.
        await user.Login.Get("/api/users/me").Problem(ErrorCatalogue.InvalidToken);
        foreach (var caller in callers[1..])
            await caller.Get("/api/users/me").Json();
        await user.With(await TestUser.SignIn(server, user.Name)).Get("/api/users/me").Json();
    }

    [Fact]
    public async Task Whoever_loses_administration_loses_it_at_the_next_request()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server, """{"is_admin":true}""");
        await user.Login.Get(Users).Json();
        // Somebody has to stay.
        await TestUser.Join(server, """{"is_admin":true}""");
        await user.Change("""{"is_admin":false}""");
        await user.Login.Get(Users).Problem(ErrorCatalogue.Forbidden);
    }

    [Theory]
    [InlineData("""{"is_admin":false}""")]
    [InlineData("""{"suspended":true}""")]
    [InlineData("""{"is_admin":false,"password":"a whole new one"}""")]
    public async Task The_last_administrator_can_neither_step_down_nor_be_suspended_and_nothing_of_that_change_happens(string change)
    {
        await using var server = await TestServer.Start();
        var root = await Root(server);
        var me = await root.Get("/api/users/me").Json();
        var problem = await root.Patch($"{Users}/{me.Text("id")}", change).Problem(ErrorCatalogue.LastAdministrator);
        Assert.Contains("no administrator left", problem.Text("detail"), StringComparison.Ordinal);

        Assert.Equal(me.ToJsonString(), (await root.Get("/api/users/me").Json()).ToJsonString());
        await TestUser.SignIn(server, "root");
        Assert.Equal("last_administrator", Assert.Single(await Audit(root, "action=user.change_refused")).Text("detail"));
    }

    [Fact]
    public async Task Two_administrators_who_demote_each_other_at_once_leave_one()
    {
        await using var server = await TestServer.Start();
        var root = await Root(server);
        var rootId = (await root.Get("/api/users/me").Json()).Text("id");
        var other = await root.Post(Users, TestUser.Credentials("other")).Json(HttpStatusCode.Created);
        var otherLogin = new TestCaller(server.Http, await TestUser.SignIn(server, "other"));
        for (var round = 0; round < 20; round++)
        {
            await root.Patch($"{Users}/{other.Text("id")}", """{"is_admin":true}""").Json();
            var answers = await Task.WhenAll(
                root.Patch($"{Users}/{other.Text("id")}", """{"is_admin":false}"""),
                otherLogin.Patch($"{Users}/{rootId}", round % 2 == 0 ? """{"is_admin":false}""" : """{"suspended":true}"""));

            Assert.InRange(answers.Count(answer => answer.StatusCode == HttpStatusCode.OK), 1, 1);
            if (answers[1].StatusCode == HttpStatusCode.OK)
                await otherLogin.Patch($"{Users}/{rootId}", """{"is_admin":true,"suspended":false}""").Json();
            root = new TestCaller(server.Http, await TestUser.SignIn(server, "root"));
        }
    }

    [Fact]
    public async Task Every_act_of_administration_is_in_the_audit_with_who_what_whom_from_where_and_in_which_request()
    {
        await using var server = await TestServer.Start();
        var root = await Root(server);
        var rootId = (await root.Get("/api/users/me").Json()).Text("id");
        var user = (await root.Post(Users, TestUser.Credentials("user")).Json(HttpStatusCode.Created)).Text("id");
        using var changed = await root.Patch($"{Users}/{user}", """{"api_keys_enabled":true,"monthly_hours":null,"password":"a whole new one"}""");
        var login = new TestCaller(server.Http, await TestUser.SignIn(server, "user", "a whole new one"));
        await TestUser.TrySignIn(server, "user", "wrong").Problem(ErrorCatalogue.InvalidLogin);
        var key = (await login.Post("/api/users/me/keys", TestUser.KeyBody("script", Scopes.ProfileRead)).Json(HttpStatusCode.Created)).Text("id");
        (await root.Delete($"{Users}/{user}/keys/{key}?drop_sessions=true")).Dispose();

        var entries = await Audit(root);
        Assert.Equal(
            [
                $"key.revoke {rootId} {key}", $"key.create {user} {key}", $"login.failed - {user}", $"login.succeeded - {user}",
                $"user.change {rootId} {user}", $"user.create {rootId} {user}", $"login.succeeded - {rootId}", $"setup - {rootId}",
            ],
            entries.Select(entry => $"{entry.Text("action")} {entry["actor"]?.ToString() ?? "-"} {entry.Text("target")}"));
        Assert.All(entries, entry => Assert.Equal("127.0.0.1", entry.Text("address")));
        var change = entries.Single(entry => entry.Text("action") == "user.change");
        Assert.Equal("api_keys_enabled=true, monthly_hours=none, password", change.Text("detail"));
        Assert.Equal(changed.Header("X-Request-Id"), change.Text("request_id"));
        Assert.Equal(
            ["key.revoke", "key.create"],
            (await Audit(root, $"target={key}")).Select(entry => entry.Text("action")));
        Assert.Equal(["key.create"], (await Audit(root, $"actor={user}")).Select(entry => entry.Text("action")));
        Assert.Equal(["login.failed"], (await Audit(root, "action=login.failed")).Select(entry => entry.Text("action")));
    }

    [Fact]
    public async Task The_audit_can_only_grow()
    {
        var administrator = await Administrator();
        foreach (var method in new[] { HttpMethod.Delete, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Post })
            await administrator.Send(method, "/api/admin/audit").Problem(ErrorCatalogue.MethodNotAllowed);
    }

    [Fact]
    public async Task Sessions_of_anyone_are_listed_and_dropped()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.WithKeys(server);
        var node = await TestNode.Register(server);
        var (_, key) = await user.NewKey(Scopes.SessionsWrite);
        var id = (await user.With(key).Post("/credentials", node.Body).Json(HttpStatusCode.Created)).Text("session_id");

        Assert.Equal(id, (await Sessions("state=provisioned")).Single()!["session_id"]!.GetValue<string>());
        Assert.Empty(await Sessions("state=dropped"));
        var dropped = await user.Administrator.Delete($"/api/admin/sessions/{id}").Json();
        Assert.Equal("terminated", dropped.Text("reason"));
        Assert.Equal(dropped.ToJsonString(), (await user.Administrator.Delete($"/api/admin/sessions/{id}").Json()).ToJsonString());
        Assert.Single(await Sessions("state=dropped"));
        Assert.Equal("session.drop", (await Audit(user.Administrator, $"target={id}"))[0].Text("action"));

        await user.Administrator.Delete("/api/admin/sessions/ses_aaaaaaaaaaaaaaaaaaaaaaaaaa").Problem(ErrorCatalogue.SessionNotFound);
        await user.Administrator.Delete("/api/admin/sessions/none").Problem(ErrorCatalogue.SessionNotFound);
        await user.Administrator.Get("/api/admin/sessions?state=idle").Problem(ErrorCatalogue.InvalidValue);

        async Task<JsonArray> Sessions(string query) =>
            (await user.Administrator.Get($"/api/admin/sessions?account_id={user.Id}&{query}").Json())["data"]!.AsArray();
    }

    static async Task<TestCaller> Administrator() => await (await TestAccount.Open(await TestServer.OnSqlite(), admin: true)).WithLogin();

    static async Task<TestCaller> Root(TestServer server)
    {
        await TestUser.Nobody(server).Post("/api/setup", TestUser.Credentials("root")).Json(HttpStatusCode.Created);
        return new TestCaller(server.Http, await TestUser.SignIn(server, "root"));
    }

    static async Task<JsonObject[]> Audit(TestCaller administrator, string query = "") =>
        [.. (await administrator.Get($"/api/admin/audit?{query}").Json())["data"]!.AsArray().Select(entry => entry!.AsObject())];

    static IEnumerable<string> Names(JsonObject page) => page["data"]!.AsArray().Select(user => user!["username"]!.GetValue<string>());
}
