using System.Net;
using System.Text.Json.Nodes;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Tests.Users;

namespace SessionManager.Tests.Admin;

/// <summary>What an administrator allows an account, and how its holder meets it.</summary>
public class LimitTests
{
    /// <summary>A node that is still there after an hour on the clock.</summary>
    static readonly string[] LongLease = ["--Nodes:LeaseSeconds", "3600"];

    [Fact]
    public async Task The_number_of_sessions_holds_from_the_next_mint_on()
    {
        var (user, node, caller) = await Streaming(await TestServer.OnSqlite(), """{"api_keys_enabled":true,"max_concurrent":1}""");
        await Mint(caller, node);
        var refused = await caller.Post("/credentials", node.Body).Problem(ErrorCatalogue.ConcurrentLimit);
        Assert.Equal("""{"active_count":1,"limit":1}""", refused["details"]!.ToJsonString());

        await user.Change("""{"max_concurrent":2}""");
        await Mint(caller, node);
        await user.Change("""{"max_concurrent":0}""");
        refused = await caller.Post("/credentials", node.Body).Problem(ErrorCatalogue.ConcurrentLimit);
        Assert.Equal("""{"active_count":2,"limit":0}""", refused["details"]!.ToJsonString());
    }

    [Fact]
    public async Task Hours_are_metered_from_connected_time_alone_and_a_mint_over_them_is_refused_until_the_month_is_over()
    {
        await using var server = await TestServer.Start(settings: LongLease);
        // In the middle of a month: what is streamed now is all of this one.
        var now = server.Time.GetUtcNow();
        server.Time.Advance(new DateTimeOffset(now.Year, now.Month, 10, 0, 0, 0, TimeSpan.Zero).AddMonths(1) - now);
        var (_, node, caller) = await Streaming(server, """{"api_keys_enabled":true,"monthly_hours":1}""");
        await Mint(caller, node);
        var session = await Mint(caller, node);
        await node.Connected(session.Id, session.Token, "c1").Json();
        await Pass(server, node, TimeSpan.FromMinutes(59), session.Id);
        await Mint(caller, node);

        await Pass(server, node, TimeSpan.FromMinutes(2), session.Id);
        // While it still streams: hours are used as they pass, not when the stream ends.
        await caller.Post("/credentials", node.Body).Problem(ErrorCatalogue.MonthlyLimit);
        // And the hours end it: a limit that holds only at the door is none.
        var ended = await caller.Get($"/api/sessions/{session.Id}").Json();
        Assert.Equal("dropped duration_limit", $"{ended.Text("state")} {ended["reason"]}");
        var refused = await caller.Post("/credentials", node.Body).Problem(ErrorCatalogue.MonthlyLimit);

        var details = refused["details"]!.AsObject();
        Assert.Equal(1, details["limit_hours"]!.GetValue<double>());
        Assert.Equal(1, details["used_hours"]!.GetValue<double>(), 0.001);
        var reset = details.Time("reset_date");
        Assert.Equal((1, TimeSpan.Zero), (reset.Day, reset.TimeOfDay));
        Assert.False(refused.ContainsKey("detail"));

        server.Time.Advance(reset - server.Time.GetUtcNow());
        await node.Register(10).Json();
        await Mint(caller, node);
    }

    [Fact]
    public async Task A_raised_limit_of_hours_holds_at_once_and_none_is_none()
    {
        await using var server = await TestServer.Start(settings: LongLease);
        var (user, node, caller) = await Streaming(server, """{"api_keys_enabled":true,"monthly_hours":0}""");
        await caller.Post("/credentials", node.Body).Problem(ErrorCatalogue.MonthlyLimit);
        await user.Change("""{"monthly_hours":0.5}""");
        await Mint(caller, node);
        await user.Change("""{"monthly_hours":0}""");
        await caller.Post("/credentials", node.Body).Problem(ErrorCatalogue.MonthlyLimit);
        await user.Change("""{"monthly_hours":null}""");
        await Mint(caller, node);
    }

    [Fact]
    public async Task A_stream_longer_than_allowed_is_dropped_and_its_slot_free()
    {
        await using var server = await TestServer.Start(settings: LongLease);
        var (_, node, caller) = await Streaming(server, """{"api_keys_enabled":true,"max_concurrent":1,"max_stream_seconds":60}""");
        var session = await Mint(caller, node);
        await node.Connected(session.Id, session.Token, "c1").Json();
        await Pass(server, node, TimeSpan.FromSeconds(59), session.Id);
        Assert.Equal("connected", (await caller.Get($"/api/sessions/{session.Id}").Json()).Text("state"));

        server.Time.Advance(TimeSpan.FromSeconds(1));
        var dropped = await caller.Get($"/api/sessions/{session.Id}").Json();
        Assert.Equal("dropped duration_limit", $"{dropped.Text("state")} {dropped["reason"]}");
        Assert.Equal([session.Id], (await node.Heartbeat(session.Id))["drop"]!.AsArray().Select(id => id!.GetValue<string>()));
        await Mint(caller, node);
    }

    [Fact]
    public async Task A_changed_duration_counts_for_what_streams_already_either_way()
    {
        await using var server = await TestServer.Start(settings: LongLease);
        var (user, node, caller) = await Streaming(server, """{"api_keys_enabled":true,"max_stream_seconds":60}""");
        var session = await Mint(caller, node);
        await node.Connected(session.Id, session.Token, "c1").Json();
        await user.Change("""{"max_stream_seconds":600}""");
        await Pass(server, node, TimeSpan.FromSeconds(61), session.Id);
        Assert.Equal("connected", (await caller.Get($"/api/sessions/{session.Id}").Json()).Text("state"));

        await user.Change("""{"max_stream_seconds":4}""");
        var dropped = await caller.Get($"/api/sessions/{session.Id}").Json();
        Assert.Equal("dropped duration_limit", $"{dropped.Text("state")} {dropped["reason"]}");
        Assert.Equal([session.Id], (await node.Heartbeat(session.Id))["drop"]!.AsArray().Select(id => id!.GetValue<string>()));
    }

    [Fact]
    public async Task The_rate_is_the_accounts_with_all_its_keys_and_logins_and_every_answer_tells_what_is_left()
    {
        await using var server = await TestServer.Start(settings: ["--Accounts:RequestsPerMinute", "6"]);
        var account = await TestAccount.Open(server);
        TestCaller[] callers = [await account.WithKey(), await account.WithKey(), await account.WithLogin()];
        for (var request = 0; request < 6; request++)
        {
            using var response = await callers[request % 3].Get("/regions");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(("6", $"{5 - request}"), (response.Header("RateLimit-Limit"), response.Header("RateLimit-Remaining")));
        }

        foreach (var caller in callers)
        {
            using var refused = await caller.Get("/regions");
            var problem = await refused.Problem(ErrorCatalogue.RateLimited);
            Assert.Equal(refused.Header("Retry-After"), problem["details"]!["retry_after_seconds"]!.ToJsonString());
        }

        await (await (await TestAccount.Open(server)).WithKey()).Get("/regions").Json();
        server.Time.Advance(TimeSpan.FromSeconds(10));
        await callers[0].Get("/regions").Json();
    }

    [Fact]
    public async Task A_key_may_have_a_rate_of_its_own_so_that_one_integration_cannot_use_up_the_account()
    {
        await using var server = await TestServer.Start(
            settings: ["--Accounts:RequestsPerMinute", "100", "--Accounts:KeyRequestsPerMinute", "2"]);
        var account = await TestAccount.Open(server);
        var busy = await account.WithKey();
        await busy.Get("/regions").Json();
        await busy.Get("/regions").Json();
        await busy.Get("/regions").Problem(ErrorCatalogue.RateLimited);
        await (await account.WithKey()).Get("/regions").Json();
        await (await account.WithLogin()).Get("/regions").Json();
    }

    [Fact]
    public async Task Exchanging_a_key_counts_against_its_rate()
    {
        await using var server = await TestServer.Start(settings: ["--Accounts:RequestsPerMinute", "1"]);
        var key = await (await TestAccount.Open(server)).Key();
        var body = $$"""{"api_key":"{{key}}"}""";
        await TestUser.Nobody(server).Post("/auth/token", body).Json();
        await TestUser.Nobody(server).Post("/auth/token", body).Problem(ErrorCatalogue.RateLimited);
    }

    static async Task<(TestUser User, TestNode Node, TestCaller Caller)> Streaming(TestServer server, string limits)
    {
        var user = await TestUser.Join(server, limits);
        var (_, key) = await user.NewKey(Scopes.SessionsWrite, Scopes.SessionsRead);
        return (user, await TestNode.Register(server, capacity: 10), user.With(key));
    }

    static async Task<(string Id, string Token)> Mint(TestCaller caller, TestNode node)
    {
        var answer = await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created);
        return (answer.Text("session_id"), answer.Text("session_token"));
    }

    /// <summary>The node streams on meanwhile.</summary>
    static async Task Pass(TestServer server, TestNode node, TimeSpan time, string sessionId)
    {
        server.Time.Advance(time);
        JsonObject beat = await node.Heartbeat(sessionId);
        Assert.Empty(beat["drop"]!.AsArray());
    }
}
