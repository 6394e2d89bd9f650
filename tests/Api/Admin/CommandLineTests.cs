using System.Net;
using System.Text.Json.Nodes;
using SessionManager.Cli;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Tests.Users;

namespace SessionManager.Tests.Admin;

/// <summary>sessionctl, run in this process against a real server.</summary>
public class CommandLineTests
{
    [Fact]
    public async Task The_first_administrator_is_made_without_a_login_and_the_next_by_one()
    {
        await using var server = await TestServer.Start();
        var first = await Run(server, ["admin", "create", "root"], [("SESSIONCTL_NEW_PASSWORD", TestUser.DefaultPassword)]);
        Assert.Equal((0, "root administers this server.\n", ""), first);

        var refused = await Run(server, ["admin", "create", "second"], [("SESSIONCTL_NEW_PASSWORD", TestUser.DefaultPassword)]);
        Assert.Equal(ExitCode.Refused, refused.Code);
        Assert.StartsWith("409 setup_done: Setup is over", refused.Error, StringComparison.Ordinal);

        var second = await Run(server, ["admin", "create", "second", "--username", "root"], [], $"{TestUser.DefaultPassword}\nthe second's password\n");
        Assert.Equal((0, "second is an administrator.\n", ""), second);
        var login = new TestCaller(server.Http, await TestUser.SignIn(server, "second", "the second's password"));
        await login.Get("/api/admin/users").Json();
    }

    [Fact]
    public async Task A_password_is_reset_and_earlier_logins_are_void()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server);
        var done = await Run(server, ["user", "reset-password", user.Name.ToUpperInvariant(), .. Token(user)], [("SESSIONCTL_NEW_PASSWORD", "a whole new one")]);

        Assert.Equal((0, $"{user.Name} has a new password; earlier logins are void.\n", ""), done);
        await user.Login.Get("/api/users/me").Problem(ErrorCatalogue.InvalidToken);
        await TestUser.SignIn(server, user.Name, "a whole new one");
    }

    [Fact]
    public async Task Someone_is_found_by_their_whole_name_and_not_by_a_part_of_it()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server);
        var part = user.Name.TrimEnd([.. "0123456789"]);
        var nobody = await Run(server, ["user", "reset-password", part, .. Token(user)], [("SESSIONCTL_NEW_PASSWORD", "a whole new one")]);
        Assert.Equal((ExitCode.Refused, "", $"There is nobody called {part}.\n"), nobody);
        await user.Login.Get("/api/users/me").Json();
    }

    [Fact]
    public async Task A_node_key_is_printed_alone_and_opens_what_a_node_needs_and_nothing_else()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server, """{"is_admin":true}""");
        var made = await Run(server, ["node-key", "create", "node 7"], [("SESSIONCTL_TOKEN", user.Login.Credential!)]);

        Assert.Equal((0, ""), (made.Code, made.Error));
        var key = made.Out.Trim();
        Assert.True(KeyFormat.IsWellFormed(key), made.Out);
        await user.With(key).Put($"/api/nodes/{TestServer.NewName("node-")}", """{"region":"r","model":"m","capacity":1}""").Json();
        await user.With(key).Get("/api/users/me").Problem(ErrorCatalogue.InsufficientScope);
        Assert.Equal("node 7", Assert.Single(await user.Keys()).Text("name"));
    }

    [Fact]
    public async Task Sessions_are_listed_as_a_table_or_as_JSON_and_one_is_dropped()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.WithKeys(server);
        var node = await TestNode.Register(server);
        var (_, key) = await user.NewKey(Scopes.SessionsWrite);
        var id = (await user.With(key).Post("/credentials", node.Body).Json(HttpStatusCode.Created)).Text("session_id");

        var table = await Run(server, ["sessions", "list", "--state", "provisioned", "--limit", "200", .. Token(user)]);
        Assert.Equal(0, table.Code);
        var line = Assert.Single(table.Out.Split('\n'), line => line.StartsWith(id, StringComparison.Ordinal));
        Assert.Equal([id, "provisioned", "-", user.Id, node.Id], line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(5));

        var dropped = await Run(server, ["sessions", "drop", id, .. Token(user)]);
        Assert.Equal((0, $"{id} is dropped.\n", ""), dropped);
        var json = await Run(server, ["sessions", "list", "--json", "--limit", "200", .. Token(user)]);
        var session = JsonNode.Parse(json.Out)!["data"]!.AsArray().Single(listed => listed!["session_id"]!.GetValue<string>() == id)!;
        Assert.Equal("terminated", session["reason"]!.GetValue<string>());

        var unknown = await Run(server, ["sessions", "drop", "ses_none", .. Token(user)]);
        Assert.Equal(ExitCode.Refused, unknown.Code);
        Assert.StartsWith("404 session_not_found: There is no such session.", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_a_list_goes_on_is_told_beside_it()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.WithKeys(server);
        var node = await TestNode.Register(server);
        for (var session = 0; session < 2; session++)
            await user.Login.Post("/credentials", node.Body).Json(HttpStatusCode.Created);

        var first = await Run(server, ["sessions", "list", "--limit", "1", .. Token(user)]);
        Assert.StartsWith("More with --cursor ", first.Error, StringComparison.Ordinal);
        var second = await Run(server, ["sessions", "list", "--limit", "1", "--cursor", first.Error.Trim().Split(' ')[^1], .. Token(user)]);
        Assert.Equal(0, second.Code);
        Assert.NotEqual(first.Out, second.Out);
    }

    [Fact]
    public async Task A_login_that_may_not_administer_is_told_from_other_refusals()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server);
        var forbidden = await Run(server, ["sessions", "list", "--token", user.Login.Credential!]);
        Assert.Equal(ExitCode.NotAllowed, forbidden.Code);
        Assert.StartsWith("403 forbidden: You are not allowed to do this.", forbidden.Error, StringComparison.Ordinal);

        var wrong = await Run(server, ["sessions", "list"], [("SESSIONCTL_USERNAME", user.Name), ("SESSIONCTL_PASSWORD", "wrong")]);
        Assert.Equal(ExitCode.NotAllowed, wrong.Code);
        Assert.Contains("[request ", wrong.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sessions list", "Give --token, or --username (or SESSIONCTL_TOKEN, SESSIONCTL_USERNAME).")]
    [InlineData("sessions list --url localhost:5080", "'localhost:5080' is not an http or https address.")]
    [InlineData("sessions list --state idle", "Argument 'idle' not recognized.")]
    [InlineData("sessions drop", "Required argument missing for command: 'drop'.")]
    [InlineData("session list", "Required command was not provided.")]
    [InlineData("admin create root", "Set SESSIONCTL_NEW_PASSWORD, or give the password on standard input.")]
    public async Task What_cannot_be_understood_is_explained_and_nothing_is_sent(string command, string explanation)
    {
        var (code, _, error) = await Run(null, command.Split(' '));
        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith(explanation, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_with_its_address()
    {
        var (code, _, error) = await Run(null, ["sessions", "list", "--token", "t", "--url", "http://127.0.0.1:9"]);
        Assert.Equal(ExitCode.Unreachable, code);
        Assert.StartsWith("http://127.0.0.1:9/ cannot be reached: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_command_and_shows_nothing_of_the_environment()
    {
        var (code, help, _) = await Run(null, ["--help"], [("SESSIONCTL_TOKEN", "a-secret-token"), ("SESSIONCTL_PASSWORD", "a-secret-password")]);
        Assert.Equal(0, code);
        Assert.All(["admin", "user", "node-key", "sessions", "--url", "--token", "--username", "--json"], word => Assert.Contains(word, help, StringComparison.Ordinal));
        Assert.DoesNotContain("a-secret", help, StringComparison.Ordinal);
    }

    static string[] Token(TestUser user) => ["--token", user.Administrator.Credential!];

    /// <param name="server">null: one that fails the test when it is called.</param>
    static async Task<(int Code, string Out, string Error)> Run(
        TestServer? server, string[] arguments, (string Name, string Value)[]? variables = null, string input = "")
    {
        using HttpMessageHandler http = server is null && !arguments.Contains("http://127.0.0.1:9") ? new NoServer() : new SocketsHttpHandler();
        var environment = (variables ?? []).ToDictionary(variable => variable.Name, variable => variable.Value);
        if (server is not null)
            environment["SESSIONCTL_URL"] = server.Address.ToString();
        using var written = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.Run(
            arguments, new CommandContext(http, new StringReader(input), written, error, environment.GetValueOrDefault, Interactive: false));
        return (code, written.ToString(), error.ToString());
    }

    sealed class NoServer : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("Something was sent.");
    }
}
