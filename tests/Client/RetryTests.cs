using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using SessionManager.Client;

namespace SessionManager.Tests.Client;

public class RetryTests
{
    const string Session = """
        {"session_id":"ses_1","state":"dropped","account_id":"usr_1","node_id":"n1","region":"eu","model":"m1",
         "created_at":"2030-01-01T00:00:00.000Z","token_expired":true,"last_activity_at":"2030-01-01T00:00:00.000Z"}
        """;

    static readonly string Token = $"h.{Base64Url("""{"session_id":"ses_1"}""")}.s";

    [Fact]
    public async Task A_request_refused_for_its_rate_is_sent_again_no_sooner_than_the_server_asks()
    {
        var time = new RecordedTime();
        var tries = 0;
        await using var server = await StandInServer.Start(http => ++tries < 3
            ? StandInServer.Refuse(http, 429, "RATE_LIMITED", "8")
            : http.Response.WriteAsync(Session));
        using var client = Of(server, time);
        Assert.Equal("ses_1", (await client.Sessions.GetAsync("ses_1")).SessionId);
        Assert.Equal(2, time.Delays.Count);
        Assert.All(time.Delays, delay => Assert.InRange(delay.TotalSeconds, 8, 10.2));
    }

    [Fact]
    public async Task Requests_refused_at_the_same_instant_are_tried_again_at_different_ones()
    {
        var time = new RecordedTime();
        await using var server = await StandInServer.Start(http => StandInServer.Refuse(http, 429, "RATE_LIMITED", "8"));
        using var client = Of(server, time, retries: 30);
        await Assert.ThrowsAsync<RateLimitedException>(() => client.Sessions.GetAsync("ses_1"));
        Assert.Equal(30, time.Delays.Count);
        Assert.True(time.Delays.Distinct().Count() > 10);
    }

    [Fact]
    public async Task A_date_in_Retry_After_is_obeyed_as_well()
    {
        var time = new RecordedTime();
        var tries = 0;
        await using var server = await StandInServer.Start(http => ++tries == 1
            ? StandInServer.Refuse(http, 503, "temporarily_unavailable", time.Now.AddSeconds(20).ToString("R", CultureInfo.InvariantCulture))
            : http.Response.WriteAsync(Session));
        using var client = Of(server, time);
        await client.Sessions.GetAsync("ses_1");
        Assert.InRange(Assert.Single(time.Delays).TotalSeconds, 20, 25.2);
    }

    [Fact]
    public async Task Where_the_wait_would_be_too_long_the_caller_is_told_at_once_how_long()
    {
        var time = new RecordedTime();
        await using var server = await StandInServer.Start(http => StandInServer.Refuse(http, 429, "RATE_LIMITED", "31"));
        using var client = Of(server, time);
        var refused = await Assert.ThrowsAsync<RateLimitedException>(() => client.Sessions.GetAsync("ses_1"));
        Assert.Equal(TimeSpan.FromSeconds(31), refused.RetryAfter);
        Assert.Empty(time.Delays);
    }

    [Fact]
    public async Task A_mint_is_repeated_after_a_lost_answer_under_one_idempotency_key()
    {
        var keys = new List<string?>();
        await using var server = await StandInServer.Start(http =>
        {
            keys.Add(http.Request.Headers["Idempotency-Key"]);
            switch (keys.Count)
            {
                case 1:
                    http.Abort();
                    return Task.CompletedTask;
                case 2:
                    return StandInServer.Refuse(http, 409, "idempotency_in_flight", "1");
                default:
                    http.Response.StatusCode = 201;
                    return http.Response.WriteAsync($$"""{"session_id":"ses_1","signaling_url":"ws://s","session_token":"{{Token}}","expires_in":600}""");
            }
        });
        using var client = Of(server, new RecordedTime());
        Assert.Equal("ses_1", (await client.Credentials.CreateAsync()).SessionId);
        Assert.Equal(3, keys.Count);
        Assert.Single(keys.Distinct());
    }

    [Fact]
    public async Task A_call_that_would_be_done_twice_is_not_tried_again()
    {
        var tries = 0;
        await using var server = await StandInServer.Start(http =>
        {
            tries++;
            http.Abort();
            return Task.CompletedTask;
        });
        using var client = Of(server, new RecordedTime());
        await Assert.ThrowsAsync<SessionManagerConnectionException>(
            () => client.Keys.CreateAsync(new() { Name = "k", Scopes = [KeyScopes.SessionsRead] }));
        Assert.Equal(1, tries);
    }

    [Fact]
    public async Task A_mint_without_a_free_node_and_a_busy_login_are_not_tried_again()
    {
        var time = new RecordedTime();
        await using var server = await StandInServer.Start(http => http.Request.Path == "/credentials"
            ? StandInServer.Refuse(http, 503, "no_streamer_available", "1")
            : StandInServer.Refuse(http, 429, "too_many_logins", "1"));
        using var client = Of(server, time);
        await Assert.ThrowsAsync<NoStreamerAvailableException>(() => client.Credentials.CreateAsync());
        var login = await Assert.ThrowsAsync<SessionManagerApiException>(() => client.Auth.LogInAsync("a", "b"));
        Assert.Equal(("too_many_logins", TimeSpan.FromSeconds(1)), (login.Code, login.RetryAfter));
        Assert.Empty(time.Delays);
    }

    [Fact]
    public async Task A_cancelled_caller_waits_no_longer_and_is_told_so()
    {
        using var cancel = new CancellationTokenSource();
        await using var server = await StandInServer.Start(async http =>
        {
            await cancel.CancelAsync();
            await StandInServer.Refuse(http, 429, "RATE_LIMITED", "30");
        });
        using var client = new SessionManagerClient(server.Address, "k");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Sessions.GetAsync("ses_1", cancel.Token));
    }

    [Fact]
    public async Task A_server_that_takes_too_long_is_not_reached()
    {
        await using var server = await StandInServer.Start(http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        using var http = new HttpClient { Timeout = TimeSpan.FromMilliseconds(50) };
        using var client = new SessionManagerClient(
            new SessionManagerClientOptions { Address = server.Address, MaxRetries = 0 }, http);
        var late = await Assert.ThrowsAsync<SessionManagerConnectionException>(() => client.Sessions.GetAsync("ses_1"));
        Assert.EndsWith("did not answer in time.", late.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "<html>Welcome!</html>")]
    [InlineData(200, "null")]
    [InlineData(200, """{"session_id":7}""")]
    public async Task What_is_no_Session_Manager_is_told_from_one(int status, string body)
    {
        await using var server = await StandInServer.Start(http =>
        {
            http.Response.StatusCode = status;
            return http.Response.WriteAsync(body);
        });
        using var client = Of(server, new RecordedTime(), retries: 0);
        var stranger = await Assert.ThrowsAsync<SessionManagerConnectionException>(() => client.Sessions.GetAsync("ses_1"));
        Assert.EndsWith("is it the right address?", stranger.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_by_a_proxy_in_between_keeps_its_status()
    {
        await using var server = await StandInServer.Start(http =>
        {
            http.Response.StatusCode = 413;
            return http.Response.WriteAsync("<html>nginx</html>");
        });
        using var client = Of(server, new RecordedTime());
        var refused = await Assert.ThrowsAsync<SessionManagerApiException>(() => client.Sessions.GetAsync("ses_1"));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, null), (refused.Status, refused.Code));
    }

    static SessionManagerClient Of(StandInServer server, RecordedTime time, int retries = 3) =>
        new(new SessionManagerClientOptions { Address = server.Address, Credential = "k", TimeProvider = time, MaxRetries = retries });

    static string Base64Url(string text) => System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(text));
}
