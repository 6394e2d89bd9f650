using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Minting;

/// <summary><c>POST /credentials</c></summary>
public class CredentialsTests
{
    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_mint_answers_with_all_a_client_needs_to_connect(StorageProvider storage)
    {
        var server = await TestServer.On(storage);
        var node = await TestNode.Register(server);
        var account = await TestAccount.Open(server);
        var caller = await account.WithKey(Scopes.SessionsWrite);
        var sent = Stopwatch.GetTimestamp();
        using var response = await caller.Post("/credentials", node.Body);
        var answer = await Task.FromResult(response).Json(HttpStatusCode.Created);

        Assert.Equal(["session_id", "signaling_url", "session_token", "expires_in"], answer.Select(member => member.Key));
        answer.AssertLeft(600, sent);
        Assert.Equal($"ws://127.0.0.1:{server.Address.Port}/signaling", answer.Text("signaling_url"));
        Assert.Equal($"/api/sessions/{answer.Text("session_id")}", response.Header("Location"));
        Assert.Equal("no-store", response.Header("Cache-Control"));
        var claims = Answers.Claims(answer.Text("session_token"));
        Assert.Equal(answer.Text("session_id"), claims.Text("session_id"));
        Assert.Equal(account.Id, claims.Text("sub"));
        Assert.InRange(claims.Number("exp") - claims.Number("iat"), 599, 600);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"region_latencies":null,"capabilities":null}""")]
    [InlineData("""{"region_latencies":{}}""")]
    public async Task A_mint_may_leave_out_its_body_or_all_that_is_in_it(string body)
    {
        var server = await TestServer.OnSqlite();
        await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        await caller.Post("/credentials", body.Length == 0 ? null : body).Json(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_nodes_own_signaling_address_and_capabilities_are_handed_on()
    {
        var server = await TestServer.OnSqlite();
        var node = await TestNode.Register(
            server, more: ""","signaling_url":"wss://node1.example.com/s","capabilities":{"image_to_video":true}""");
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var answer = await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created);
        Assert.Equal("wss://node1.example.com/s", answer.Text("signaling_url"));
        Assert.True(answer["capabilities"]!["image_to_video"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("http://sessions.example.com", "ws://sessions.example.com/signaling")]
    [InlineData("https://sessions.example.com:8443/", "wss://sessions.example.com:8443/signaling")]
    public async Task Behind_a_proxy_the_address_is_the_one_configured(string configured, string told)
    {
        await using var server = await TestServer.Start(settings: ["--Gateway:PublicUrl", configured]);
        await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        Assert.Equal(told, (await caller.Post("/credentials", "{}").Json(HttpStatusCode.Created)).Text("signaling_url"));
    }

    public static TheoryData<string, string> BadWishes => new()
    {
        { """{"region_latencies":{"eu":-1}}""", "region_latencies" },
        { """{"region_latencies":{"eu":1e400}}""", "region_latencies" },
        { """{"region_latencies":{"eu":1000001}}""", "region_latencies" },
        { """{"region_latencies":{"":1}}""", "region_latencies" },
        { """{"region_latencies":{"eu west":1}}""", "region_latencies" },
        { $$$"""{"region_latencies":{"{{{new string('a', 65)}}}":1}}""", "region_latencies" },
        { $$$"""{"region_latencies":{ {{{string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"r{i}\":1"))}}} }}""", "region_latencies" },
    };

    [Theory, MemberData(nameof(BadWishes))]
    public async Task A_mint_with_impossible_latencies_or_capabilities_is_refused_and_takes_no_slot(string body, string field)
    {
        var server = await TestServer.OnSqlite();
        await TestNode.Register(server);
        var account = await TestAccount.Open(server);
        var problem = await (await account.WithKey(Scopes.SessionsWrite)).Post("/credentials", body).Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal([field], problem.Fields());
        Assert.Equal(0, (await account.Grain.Get())!.ActiveCount);
    }

    [Fact]
    public async Task A_refused_mint_names_every_field_that_is_wrong_at_once()
    {
        var server = await TestServer.OnSqlite();
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var problem = await caller.Post("/credentials", """{"region_latencies":{"?":-1}}""", ("Idempotency-Key", "a b"))
            .Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(["region_latencies", "region_latencies", "Idempotency-Key"], problem.Fields());
    }

    [Fact]
    public async Task With_no_node_free_a_mint_is_refused_with_when_to_try_again()
    {
        await using var server = await TestServer.Start();
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        using var response = await caller.Post("/credentials", "{}");
        await response.Problem(ErrorCatalogue.NoStreamer);
        Assert.Equal("1", response.Header("Retry-After"));
    }

    [Fact]
    public async Task Only_a_node_that_can_is_given_to_a_session_that_must()
    {
        await using var server = await TestServer.Start();
        await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        await caller.Post("/credentials", """{"capabilities":{"image_to_video":true}}""").Problem(ErrorCatalogue.NoStreamer);

        await TestNode.Register(server, more: ""","capabilities":{"image_to_video":true}""");
        await caller.Post("/credentials", """{"capabilities":{"image_to_video":true}}""").Json(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Over_the_limit_the_refusal_is_the_usage_error_the_client_parses()
    {
        var server = await TestServer.OnSqlite();
        await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server, maxConcurrent: 1)).WithKey(Scopes.SessionsWrite);
        await caller.Post("/credentials", "{}").Json(HttpStatusCode.Created);

        using var response = await caller.Post("/credentials", "{}");
        var problem = await response.Problem(ErrorCatalogue.ConcurrentLimit);
        Assert.False(problem.ContainsKey("detail"));
        Assert.Equal("CONCURRENT_LIMIT_REACHED", problem.Text("error"));
        Assert.NotEmpty(problem.Text("message"));
        Assert.NotEmpty(problem.Text("action"));
        Assert.Equal("""{"active_count":1,"limit":1}""", problem["details"]!.ToJsonString());
        Assert.InRange(int.Parse(response.Header("Retry-After")!, null), 590, 600);
    }

    [Fact]
    public async Task With_the_months_hours_used_up_the_refusal_says_when_they_begin_anew()
    {
        var server = await TestServer.OnSqlite();
        await TestNode.Register(server);
        var caller = await (await TestAccount.Open(server, monthlyHours: 0)).WithKey(Scopes.SessionsWrite);
        var details = (await caller.Post("/credentials", "{}").Problem(ErrorCatalogue.MonthlyLimit))["details"]!.AsObject();
        Assert.Equal(["limit_hours", "reset_date", "used_hours"], details.Select(member => member.Key).Order());
        Assert.Equal(1, details.Time("reset_date").Day);
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_thousand_mints_at_once_against_a_limit_of_five_give_exactly_five(StorageProvider storage)
    {
        // Its own: where a thousand places are free, other tests' mints would go as well.
        await using var server = await TestServer.Start(storage);
        var node = await TestNode.Register(server, capacity: 1_000);
        var account = await TestAccount.Open(server, maxConcurrent: 5);
        var caller = await account.WithKey(Scopes.SessionsWrite, Scopes.SessionsRead);

        var minted = new ConcurrentBag<string>();
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(async _ =>
        {
            using var response = await caller.Post("/credentials", node.Body);
            if (response.StatusCode == HttpStatusCode.Created)
                minted.Add(JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject().Text("session_id"));
            else
            {
                await response.Problem(ErrorCatalogue.ConcurrentLimit);
                Interlocked.Increment(ref refused);
            }
        }));

        Assert.Equal(5, minted.Distinct().Count());
        Assert.Equal(995, refused);
        Assert.Equal(5, (await account.Grain.Get())!.ActiveCount);
        var listed = (await caller.Get("/api/sessions").Json())["data"]!.AsArray().Select(session => session!.AsObject().Text("session_id"));
        Assert.Equal(minted.Order(), listed.Order());
        Assert.Equal(minted.Order(), (await node.Heartbeat())["expected"]!.AsArray().Select(id => id!.GetValue<string>()));
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_nodes_places_are_never_given_twice_whoever_asks(StorageProvider storage)
    {
        await using var server = await TestServer.Start(storage);
        var node = await TestNode.Register(server, capacity: 7);
        var callers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
            await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite)));
        var answers = await Task.WhenAll(callers.SelectMany(caller => Enumerable.Range(0, 5).Select(async _ =>
        {
            using var response = await caller.Post("/credentials", "{}");
            return response.StatusCode;
        })));
        Assert.Equal(7, answers.Count(status => status == HttpStatusCode.Created));
        Assert.Equal(7, (await node.Heartbeat())["expected"]!.AsArray().Count);
    }
}
