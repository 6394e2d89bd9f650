using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Orleans;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Randomness;
using SessionManager.Signing;
using SessionManager.Tests.Users;
using SessionManager.Users;

namespace SessionManager.Tests.Security;

public class SecretsTests
{
    const string RootPassword = "the root's own words";
    const string FirstPassword = "the user's first words";
    const string NewPassword = "the user's later words";
    const string WrongPassword = "somebody's wrong words";

    [Fact]
    public async Task Secrets_are_in_no_log_in_no_answer_but_the_one_that_gives_them_and_in_no_file_but_their_own()
    {
        using var logs = new LogCapture();
        await using var server = await TestServer.StartWith(
            builder => builder.Logging.ClearProviders().AddProvider(logs), "--Logging:LogLevel:Default", "Trace", "--Keys:LastUsedSeconds", "1");
        using var answers = new AnswerCapture();
        using var http = new HttpClient(answers) { BaseAddress = server.Address };
        var tour = await Tour(server, http);

        var whileRunning = Files(server.Folder);
        await server.Stop();
        var afterwards = Files(server.Folder);

        // What is to be found is found: the searches below can fail.
        Assert.Contains(logs.Lines, line => line.Contains("/api/setup", StringComparison.Ordinal));
        Assert.Contains(answers.All, answer => answer.Body.Contains(tour.Key, StringComparison.Ordinal));
        Assert.Contains(whileRunning, file => Holds(file.Bytes, Encoding.UTF8.GetBytes("user-of-the-tour")));
        Assert.Contains(afterwards, file => Holds(file.Bytes, Encoding.UTF8.GetBytes("user-of-the-tour")));

        foreach (var (name, secret) in tour.Secrets)
        {
            var found = logs.Lines.FirstOrDefault(line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
            Assert.True(found is null, $"{name} is in the log: {found}");
        }

        foreach (var (name, secret, givenBy) in tour.Given)
        {
            var places = answers.All.Where(answer => answer.Body.Contains(secret, StringComparison.Ordinal)).Select(answer => answer.Route).Distinct();
            Assert.True(places.All(place => place == givenBy), $"{name} is in the answers of {string.Join(", ", places)}.");
        }

        var masterKey = await File.ReadAllBytesAsync(Path.Combine(server.Folder, "master.key"));
        foreach (var file in whileRunning.Concat(afterwards))
        {
            foreach (var (name, bytes) in tour.NeverStored)
                Assert.False(Holds(file.Bytes, bytes), $"{name} is in {file.Name}.");
            if (Path.GetFileName(file.Name) != "master.key")
                Assert.False(Holds(file.Bytes, masterKey), $"The master key is in {file.Name}.");
        }
    }

    /// <summary>A bit of everything a deployment does with secrets, good and bad.</summary>
    static async Task<Findings> Tour(TestServer server, HttpClient http)
    {
        var nobody = new TestCaller(http, null);
        await nobody.Post("/api/setup", TestUser.Credentials("root", RootPassword)).Json(HttpStatusCode.Created);
        var rootToken = await LogIn("root", RootPassword);
        var root = new TestCaller(http, rootToken);
        var user = (await root.Post("/api/admin/users", TestUser.Credentials("user-of-the-tour", FirstPassword)).Json(HttpStatusCode.Created)).Text("id");
        var voided = await LogIn("user-of-the-tour", FirstPassword);
        await root.Patch($"/api/admin/users/{user}", $$"""{"api_keys_enabled":true,"password":"{{NewPassword}}"}""").Json();
        await nobody.Post("/api/auth/login", TestUser.Credentials("root", WrongPassword)).Problem(ErrorCatalogue.InvalidLogin);
        var login = await LogIn("user-of-the-tour", NewPassword);
        var caller = new TestCaller(http, login);

        var made = await caller.Post("/api/users/me/keys", TestUser.KeyBody("script", Scopes.SessionsWrite, Scopes.ProfileRead)).Json(HttpStatusCode.Created);
        var key = made.Text("key");
        var mistyped = key[..^2] + "zz";
        var nodeKey = (await root.Post("/api/users/me/keys", TestUser.KeyBody("node", Scopes.NodesReport)).Json(HttpStatusCode.Created)).Text("key");
        var exchanged = (await nobody.Post("/auth/token", $$"""{"api_key":"{{key}}"}""").Json()).Text("access_token");
        (await nobody.Post("/auth/token", $$"""{"api_key":"{{mistyped}}"}""")).Dispose();
        (await nobody.Post("/auth/token", $$"""{"api_key":"{{key}}","more":1}""")).Dispose();
        (await new TestCaller(http, mistyped).Get("/api/users/me")).Dispose();

        var node = new TestCaller(http, nodeKey);
        await node.Put("/api/nodes/n1", """{"region":"r","model":"m","capacity":5}""").Json();
        var minted = await new TestCaller(http, key).Post("/credentials", "{}", ("Idempotency-Key", "once")).Json(HttpStatusCode.Created);
        var sessionToken = minted.Text("session_token");
        var connect = $$"""{"session_token":"{{sessionToken}}","connection_id":"c1"}""";
        await node.Post($"/api/nodes/n1/sessions/{minted.Text("session_id")}/connected", connect).Json();
        (await node.Post($"/api/nodes/n1/sessions/ses_aaaaaaaaaaaaaaaaaaaaaaaaaa/connected", connect)).Dispose();
        (await nobody.Get($"/signaling/client/{minted.Text("session_id")}?token={sessionToken}")).Dispose();
        (await nobody.Get($"/regions?token={exchanged}")).Dispose();
        await new TestCaller(http, exchanged).Get("/api/users/me").Json();
        foreach (var path in new[] { "/api/users/me", "/api/users/me/keys", "/api/sessions", $"/api/sessions/{minted.Text("session_id")}", "/api/usage" })
            await caller.Get(path).Json();
        foreach (var path in new[] { "users", $"users/{user}", $"users/{user}/keys", "sessions", "audit" })
            await root.Get($"/api/admin/{path}").Json();
        (await nobody.Get("/.well-known/jwks.json")).Dispose();
        (await root.Delete($"/api/admin/users/{user}/keys/{made.Text("id")}")).Dispose();

        var signing = (await server.Grains.GetGrain<ISigningKeysGrain>(ISigningKeysGrain.Key).Get()).Keys;
        var passwordHash = (await server.Grains.GetGrain<IUserGrain>(user).PasswordHash())!;
        string[] tokens = [rootToken, voided, login, exchanged, sessionToken];
        string[] passwords = [RootPassword, FirstPassword, NewPassword, WrongPassword];
        string[] keys = [key, nodeKey];
        var keyBytes = keys.Select(text =>
        {
            var bytes = new byte[32];
            Assert.True(Base32.TryDecode(text.AsSpan(4), bytes));
            return bytes[..28];
        }).ToArray();
        var privateKeys = signing.SelectMany(stored =>
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportPkcs8PrivateKey(stored.PrivateKey.AsSpan(), out _);
            return new[] { [.. stored.PrivateKey], ecdsa.ExportParameters(true).D! };
        }).ToArray();

        return new Findings(
            key,
            [
                .. passwords.Select(password => ("A password", password)),
                .. keys.Append(mistyped).Select(text => ("A key", text[10..])),
                .. tokens.Select(token => ("A token", token.Split('.')[2])),
                .. privateKeys.Select(secret => ("A private key", Convert.ToBase64String(secret))),
                ("A password's hash", passwordHash),
                ("A key's hash", Convert.ToHexString(KeyFormat.Hash(key).AsSpan())),
            ],
            [
                .. passwords.Select(password => ("A password", password, (string?)null)),
                .. keys.Select(text => ("A key", text[10..], (string?)"POST /api/users/me/keys")),
                .. new[] { rootToken, voided, login }.Select(token => ("A login", token, (string?)"POST /api/auth/login")),
                ("An access token", exchanged, "POST /auth/token"),
                ("A session token", sessionToken, "POST /credentials"),
                .. privateKeys.SelectMany(secret => new[] { Convert.ToBase64String(secret), Base64Url.EncodeToString(secret) })
                    .Select(text => ("A private key", text, (string?)null)),
                ("A password's hash", passwordHash, null),
            ],
            [
                .. passwords.SelectMany(password => Forms("A password", Encoding.UTF8.GetBytes(password))),
                .. keys.SelectMany(text => Forms("A key", Encoding.UTF8.GetBytes(text[10..]))),
                .. keyBytes.SelectMany(bytes => Forms("A key", bytes)),
                .. tokens.SelectMany(token => Forms("A token", Encoding.UTF8.GetBytes(token.Split('.')[2]))),
                .. privateKeys.SelectMany(bytes => Forms("A private key", bytes)),
            ]);

        async Task<string> LogIn(string name, string password) =>
            (await nobody.Post("/api/auth/login", TestUser.Credentials(name, password)).Json()).Text("access_token");
    }

    /// <summary>As they are, in UTF-16, and in the encodings that a record or a dump may have put them in.</summary>
    static IEnumerable<(string, byte[])> Forms(string name, byte[] bytes) =>
    [
        (name, bytes),
        ($"{name} in UTF-16", Encoding.Unicode.GetBytes(Encoding.Latin1.GetString(bytes))),
        ($"{name} in base64", Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes)[..^4])),
        ($"{name} in base64url", Encoding.ASCII.GetBytes(Base64Url.EncodeToString(bytes)[..^4])),
        ($"{name} in hex", Encoding.ASCII.GetBytes(Convert.ToHexString(bytes))),
        ($"{name} in lowercase hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes))),
        ($"{name} as JSON numbers", Encoding.ASCII.GetBytes(string.Join(',', bytes.Take(12)))),
    ];

    static bool Holds(byte[] file, byte[] secret) => file.AsSpan().IndexOf(secret) >= 0;

    static (string Name, byte[] Bytes)[] Files(string folder)
    {
        var names = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(name => !name.EndsWith("lock", StringComparison.Ordinal)).ToArray();
        Assert.Contains(names, name => Path.GetFileName(name) == "grains.db");
        return [.. names.Select(name =>
        {
            using var file = new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return (name, bytes);
        })];
    }

    sealed record Findings(
        string Key,
        (string Name, string Secret)[] Secrets,
        (string Name, string Secret, string? GivenBy)[] Given,
        (string Name, byte[] Bytes)[] NeverStored);

    sealed class AnswerCapture() : DelegatingHandler(new SocketsHttpHandler())
    {
        public List<(string Route, string Body)> All { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            All.Add(($"{request.Method} {request.RequestUri!.AbsolutePath}", $"{response.Headers}{response.Content.Headers}{body}"));
            return response;
        }
    }
}
