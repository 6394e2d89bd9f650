using System.Diagnostics;
using System.Net;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Minting;

/// <summary><c>Idempotency-Key</c></summary>
public class IdempotencyTests
{
    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_repeat_answers_with_the_first_session_and_takes_no_second_slot(StorageProvider storage)
    {
        var server = await TestServer.On(storage);
        var node = await TestNode.Register(server);
        var account = await TestAccount.Open(server);
        var caller = await account.WithKey(Scopes.SessionsWrite);
        var first = await caller.Post("/credentials", node.Body, ("Idempotency-Key", "order-1")).Json(HttpStatusCode.Created);
        var again = await caller.Post("/credentials", node.Body, ("Idempotency-Key", "order-1")).Json(HttpStatusCode.Created);

        Assert.Equal(first.Text("session_id"), again.Text("session_id"));
        Assert.Equal(Answers.Claims(first.Text("session_token")).Number("exp"), Answers.Claims(again.Text("session_token")).Number("exp"));
        Assert.Equal(1, (await account.Grain.Get())!.ActiveCount);
    }

    [Fact]
    public async Task A_request_for_a_session_can_be_repeated_too()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var first = await caller.Post("/sessions/request", node.Body, ("Idempotency-Key", "order-1")).Json();
        var again = await caller.Post("/sessions/request", node.Body, ("Idempotency-Key", "order-1")).Json();
        Assert.Equal(first.ToJsonString(), again.ToJsonString());
    }

    [Theory]
    [InlineData("""{"region_latencies":{"a":1,"b":2}}""", """{ "capabilities": null, "region_latencies": { "b": 2.0, "a": 1 } }""")]
    [InlineData("{}", """{"capabilities":{"image_to_video":false}}""")]
    public async Task A_repeated_mint_may_spell_the_same_body_another_way(string first, string again)
    {
        var server = await TestServer.OnSqlite();
        await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var minted = await caller.Post("/credentials", first, ("Idempotency-Key", "k")).Json(HttpStatusCode.Created);
        var repeated = await caller.Post("/credentials", again, ("Idempotency-Key", "k")).Json(HttpStatusCode.Created);
        Assert.Equal(minted.Text("session_id"), repeated.Text("session_id"));
    }

    [Fact]
    public async Task Another_body_or_another_route_under_the_same_key_is_refused()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        await caller.Post("/credentials", node.Body, ("Idempotency-Key", "k")).Json(HttpStatusCode.Created);
        await caller.Post("/credentials", "{}", ("Idempotency-Key", "k")).Problem(ErrorCatalogue.IdempotencyMismatch);
        await caller.Post("/sessions/request", node.Body, ("Idempotency-Key", "k")).Problem(ErrorCatalogue.IdempotencyMismatch);
    }

    [Fact]
    public async Task Two_accounts_do_not_meet_under_one_key()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(server);
        var one = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var other = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var first = await one.Post("/credentials", node.Body, ("Idempotency-Key", "k")).Json(HttpStatusCode.Created);
        var second = await other.Post("/credentials", node.Body, ("Idempotency-Key", "k")).Json(HttpStatusCode.Created);
        Assert.NotEqual(first.Text("session_id"), second.Text("session_id"));
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Repeats_at_once_mint_one_session_and_the_others_hear_that_it_is_under_way(StorageProvider storage)
    {
        var server = await TestServer.On(storage);
        var node = await TestNode.Register(server);
        var account = await TestAccount.Open(server);
        var caller = await account.WithKey(Scopes.SessionsWrite);
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(async _ =>
        {
            using var response = await caller.Post("/credentials", node.Body, ("Idempotency-Key", "k"));
            if (response.StatusCode == HttpStatusCode.Created)
                return (await Task.FromResult(response).Json(HttpStatusCode.Created)).Text("session_id");
            await response.Problem(ErrorCatalogue.IdempotencyInFlight);
            Assert.Equal("1", response.Header("Retry-After"));
            return null;
        }));
        Assert.Single(answers.Where(id => id is not null).Distinct());
        Assert.Equal(1, (await account.Grain.Get())!.ActiveCount);
    }

    [Fact]
    public async Task A_repeat_has_the_first_token_with_what_is_left_of_its_life_until_the_session_is_dropped()
    {
        await using var server = await TestServer.Start();
        var node = await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var sent = Stopwatch.GetTimestamp();
        var first = await caller.Post("/credentials", node.Body, ("Idempotency-Key", "k")).Json(HttpStatusCode.Created);

        foreach (var (passed, left) in new[] { (100, 500), (500, 0), (200, 0) })
        {
            server.Time.Advance(TimeSpan.FromSeconds(passed));
            using var response = await caller.Post("/credentials", node.Body, ("Idempotency-Key", "k"));
            var again = await Task.FromResult(response).Json(HttpStatusCode.Created);

            Assert.Equal("true", response.Header("Idempotent-Replayed"));
            again.AssertLeft(left, sent);
            Assert.Equal(first.Text("session_id"), again.Text("session_id"));
            foreach (var claim in new[] { "iat", "nbf", "exp" })
            {
                Assert.Equal(
                    Answers.Claims(first.Text("session_token")).Number(claim), Answers.Claims(again.Text("session_token")).Number(claim));
            }
        }

        server.Time.Advance(TimeSpan.FromSeconds(200));
        await caller.Post("/credentials", node.Body, ("Idempotency-Key", "k")).Problem(ErrorCatalogue.SessionDropped);
    }

    [Fact]
    public async Task After_a_day_the_key_mints_anew()
    {
        await using var server = await TestServer.Start();
        var node = await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var first = await caller.Post("/credentials", node.Body, ("Idempotency-Key", "k")).Json(HttpStatusCode.Created);

        server.Time.Advance(TimeSpan.FromHours(24));
        await node.Heartbeat();
        var next = await caller.Post("/credentials", node.Body, ("Idempotency-Key", "k")).Json(HttpStatusCode.Created);
        Assert.NotEqual(first.Text("session_id"), next.Text("session_id"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("with space")]
    [InlineData("with\ttab")]
    public async Task A_key_that_is_not_visible_ASCII_is_refused(string key)
    {
        var server = await TestServer.OnSqlite();
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var problem = await caller.Post("/credentials", "{}", ("Idempotency-Key", key)).Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(["Idempotency-Key"], problem.Fields());
    }

    [Fact]
    public async Task The_longest_key_has_255_characters()
    {
        var server = await TestServer.OnSqlite();
        await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        await caller.Post("/credentials", "{}", ("Idempotency-Key", new string('~', 255))).Json(HttpStatusCode.Created);
        await caller.Post("/credentials", "{}", ("Idempotency-Key", new string('~', 256))).Problem(ErrorCatalogue.InvalidValue);
    }
}
