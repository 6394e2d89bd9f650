using System.Net;
using SessionManager.Errors;
using SessionManager.Keys;

namespace SessionManager.Tests.Users;

public class PasswordChangeTests
{
    const string Path = "/api/users/me/password";
    const string NewPassword = "a whole new password";

    [Fact]
    public async Task A_user_changes_the_password_and_every_other_login_ends()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.WithKeys(server);
        var other = user.With(await TestUser.SignIn(server, user.Name));
        var key = user.With((await user.NewKey(Scopes.ProfileRead)).Key);

        await Changed(user.Login, TestUser.DefaultPassword, NewPassword);

        await user.Login.Get("/api/users/me").Json();
        await key.Get("/api/users/me").Json();
        var ended = await other.Get("/api/users/me").Problem(ErrorCatalogue.InvalidToken);
        Assert.Equal("The login has ended. Sign in again.", ended.Text("detail"));
        await TestUser.TrySignIn(server, user.Name, TestUser.DefaultPassword).Problem(ErrorCatalogue.InvalidLogin);
        var again = user.With(await TestUser.SignIn(server, user.Name, NewPassword));

        // The one that goes on is the one that asked last.
        await Changed(again, NewPassword, TestUser.DefaultPassword);
        await user.Login.Get("/api/users/me").Problem(ErrorCatalogue.InvalidToken);
        await again.Get("/api/users/me").Json();
    }

    [Fact]
    public async Task A_change_repeated_because_its_answer_was_lost_is_one()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server);
        await Changed(user.Login, TestUser.DefaultPassword, NewPassword);
        await Changed(user.Login, TestUser.DefaultPassword, NewPassword);
        await user.Login.Get("/api/users/me").Json();
        await TestUser.SignIn(server, user.Name, NewPassword);
    }

    [Fact]
    public async Task A_login_that_went_on_ends_with_what_ends_all()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server);
        await Changed(user.Login, TestUser.DefaultPassword, NewPassword);
        await user.Change("""{"password":"the administrator's choice"}""");
        await user.Login.Get("/api/users/me").Problem(ErrorCatalogue.InvalidToken);
    }

    [Fact]
    public async Task Whoever_does_not_know_the_password_changes_nothing_and_has_to_wait_in_the_end()
    {
        await using var server = await TestServer.Start();
        var user = await TestUser.Join(server);
        var other = user.With(await TestUser.SignIn(server, user.Name));
        for (var guess = 0; guess < 5; guess++)
        {
            var problem = await Change(user.Login, "wrong", NewPassword).Problem(ErrorCatalogue.WrongPassword);
            Assert.Equal(["password"], problem.Fields());
        }

        using var waiting = await Change(user.Login, TestUser.DefaultPassword, NewPassword);
        await waiting.Problem(ErrorCatalogue.TooManyLogins);
        Assert.NotNull(waiting.Header("Retry-After"));
        await other.Get("/api/users/me").Json();
    }

    [Theory]
    [InlineData("{}", "password", "new_password")]
    [InlineData("""{"password":"x","new_password":"seven77"}""", "new_password")]
    public async Task A_new_password_keeps_the_rules(string body, params string[] fields)
    {
        var user = await TestUser.Join(await TestServer.OnSqlite());
        var problem = await user.Login.Post(Path, body).Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(fields, problem.Fields());
    }

    [Fact]
    public async Task The_audit_says_that_it_was_asked_for_and_whether_it_was_refused()
    {
        var user = await TestUser.Join(await TestServer.OnSqlite());
        await Change(user.Login, "wrong", NewPassword).Problem(ErrorCatalogue.WrongPassword);
        await Changed(user.Login, TestUser.DefaultPassword, NewPassword);
        var entries = (await user.Administrator.Get($"/api/admin/audit?target={user.Id}&actor={user.Id}").Json())["data"]!.AsArray();
        Assert.Equal(
            ["user.password", "user.password_refused", "user.password"],
            entries.Select(entry => entry!["action"]!.GetValue<string>()).Where(action => action.StartsWith("user.password", StringComparison.Ordinal)));
        Assert.DoesNotContain(NewPassword, entries.ToJsonString(), StringComparison.Ordinal);
    }

    static Task<HttpResponseMessage> Change(TestCaller login, string password, string next) =>
        login.Post(Path, $$"""{"password":"{{password}}","new_password":"{{next}}"}""");

    static async Task Changed(TestCaller login, string password, string next)
    {
        using var response = await Change(login, password, next);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }
}
