using System.Net;
using System.Text.Json.Nodes;
using SessionManager.Accounts;
using SessionManager.Keys;

namespace SessionManager.Tests.Users;

/// <summary>A user of a test's own, made by an administrator and logged in with a password, as users are.</summary>
public sealed class TestUser
{
    public const string DefaultPassword = "correct horse battery";

    TestUser(TestServer server, string id, string name, TestCaller login, TestCaller administrator)
    {
        Server = server;
        Id = id;
        Name = name;
        Login = login;
        Administrator = administrator;
    }

    public TestServer Server { get; }
    public string Id { get; }
    public string Name { get; }

    /// <summary>With the user's login.</summary>
    public TestCaller Login { get; }

    /// <summary>With the login of an administrator of this test's own.</summary>
    public TestCaller Administrator { get; }
    public string Path => $"/api/admin/users/{Id}";
    public IAccountGrain Account => Server.Grains.GetGrain<IAccountGrain>(Id);

    /// <param name="change">What the administrator then changes, as <c>PATCH /api/admin/users/{id}</c> takes it.</param>
    public static async Task<TestUser> Join(TestServer server, string? change = null)
    {
        var administrator = await (await TestAccount.Open(server, admin: true)).WithLogin();
        var name = TestServer.NewName("user");
        var made = await administrator.Post("/api/admin/users", Credentials(name)).Json(HttpStatusCode.Created);
        var user = new TestUser(
            server, made.Text("id"), name, new TestCaller(server.Http, await SignIn(server, name)), administrator);
        if (change is not null)
            await user.Change(change);
        return user;
    }

    public static Task<TestUser> WithKeys(TestServer server) => Join(server, """{"api_keys_enabled":true}""");

    public static async Task<string> SignIn(TestServer server, string name, string password = DefaultPassword) =>
        (await TrySignIn(server, name, password).Json()).Text("access_token");

    public static Task<HttpResponseMessage> TrySignIn(TestServer server, string name, string password) =>
        Nobody(server).Post("/api/auth/login", Credentials(name, password));

    public static TestCaller Nobody(TestServer server) => new(server.Http, null);

    public static string Credentials(string name, string password = DefaultPassword) =>
        new JsonObject { ["username"] = name, ["password"] = password }.ToJsonString();

    public Task<JsonObject> Change(string json) => Administrator.Patch(Path, json).Json();

    /// <summary>Makes a key by the user's own login: its id and itself.</summary>
    public async Task<(string Id, string Key)> NewKey(params string[] scopes)
    {
        var made = await TryNewKey(scopes).Json(HttpStatusCode.Created);
        return (made.Text("id"), made.Text("key"));
    }

    public Task<HttpResponseMessage> TryNewKey(params string[] scopes) => Login.Post("/api/users/me/keys", KeyBody("test", scopes));

    /// <param name="scopes">None: one that opens little.</param>
    public static string KeyBody(string name, params string[] scopes) =>
        new JsonObject
        {
            ["name"] = name,
            ["scopes"] = new JsonArray([.. (scopes is [] ? [Scopes.ProfileRead] : scopes).Select(scope => JsonValue.Create(scope))]),
        }.ToJsonString();

    public TestCaller With(string credential) => new(Server.Http, credential);

    /// <summary>A caller with a token got for the key.</summary>
    public async Task<TestCaller> Exchanged(string key) =>
        With((await Nobody(Server).Post("/auth/token", $$"""{"api_key":"{{key}}"}""").Json()).Text("access_token"));

    public async Task<JsonObject[]> Keys() =>
        [.. (await Login.Get("/api/users/me/keys").Json())["data"]!.AsArray().Select(key => key!.AsObject())];
}
