using System.Diagnostics;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Minting;

/// <summary><c>POST /sessions/request</c> and <c>POST /sessions/token</c></summary>
public class SessionRequestTests
{
    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_session_is_requested_first_and_its_token_after(StorageProvider storage)
    {
        var server = await TestServer.On(storage);
        var node = await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);

        var session = await caller.Post("/sessions/request", node.Body).Json();
        Assert.Equal(
            ["session_id", "signalling_url", "streamer_id", "model", "region", "capabilities"], session.Select(member => member.Key));
        Assert.Equal(node.Id, session.Text("streamer_id"));
        Assert.Equal(node.Region, session.Text("region"));
        Assert.Equal("m1", session.Text("model"));
        Assert.False(session["capabilities"]!["image_to_video"]!.GetValue<bool>());

        var sent = Stopwatch.GetTimestamp();
        var token = await Token(caller, session.Text("session_id")).Json();
        Assert.Equal(["session_token", "expires_in"], token.Select(member => member.Key));
        token.AssertLeft(600, sent);
        Assert.Equal(session.Text("session_id"), Answers.Claims(token.Text("session_token")).Text("session_id"));
    }

    [Fact]
    public async Task The_tokens_life_starts_with_the_first_call_and_a_repeat_does_not_lengthen_it()
    {
        await using var server = await TestServer.Start();
        await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var id = (await caller.Post("/sessions/request", "{}").Json()).Text("session_id");

        server.Time.Advance(TimeSpan.FromSeconds(300));
        var sent = Stopwatch.GetTimestamp();
        var first = await Token(caller, id).Json();
        first.AssertLeft(600, sent);

        server.Time.Advance(TimeSpan.FromSeconds(200));
        var again = await Token(caller, id).Json();
        again.AssertLeft(400, sent);
        Assert.Equal(Answers.Claims(first.Text("session_token")).Number("exp"), Answers.Claims(again.Text("session_token")).Number("exp"));

        server.Time.Advance(TimeSpan.FromSeconds(401));
        await Token(caller, id).Problem(ErrorCatalogue.SessionExpired);
    }

    [Fact]
    public async Task Another_accounts_session_an_unknown_one_and_a_dropped_one_are_told_apart_by_nothing()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var owner = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var stranger = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var id = (await owner.Post("/sessions/request", node.Body).Json()).Text("session_id");

        var foreign = await Token(stranger, id).Problem(ErrorCatalogue.SessionNotFound);
        var unknown = await Token(owner, "ses_aaaaaaaaaaaaaaaaaaaaaaaaaa").Problem(ErrorCatalogue.SessionNotFound);
        await owner.Delete($"/api/sessions/{id}").Json();
        var dropped = await Token(owner, id).Problem(ErrorCatalogue.SessionNotFound);
        Assert.Equal(foreign.Text("detail"), unknown.Text("detail"));
        Assert.Equal(foreign.Text("detail"), dropped.Text("detail"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ses_")]
    [InlineData("no id at all")]
    [InlineData("ses_aaaaaaaaaaaaaaaaaaaaaaaaab")]
    public async Task What_cannot_be_a_sessions_id_is_not_found(string id)
    {
        var server = await TestServer.OnSqlite();
        await Token(await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite), id).Problem(ErrorCatalogue.SessionNotFound);
    }

    [Fact]
    public async Task The_session_is_required()
    {
        var server = await TestServer.OnSqlite();
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        Assert.Equal(["session_id"], (await caller.Post("/sessions/token", "{}").Problem(ErrorCatalogue.InvalidValue)).Fields());
    }

    static Task<HttpResponseMessage> Token(TestCaller caller, string id) =>
        caller.Post("/sessions/token", $$"""{"session_id":"{{id}}"}""");
}
