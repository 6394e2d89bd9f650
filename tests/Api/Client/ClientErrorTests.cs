using System.IO.Pipelines;
using System.Net;
using SessionManager.Client;
using SessionManager.Keys;
using SessionManager.Tests.Users;

namespace SessionManager.Tests.Client;

/// <summary>What a caller of the .NET client is told when it does not get what it asked for, by the real server.</summary>
public class ClientErrorTests
{
    [Fact]
    public async Task A_limit_reached_is_told_with_its_figures()
    {
        var server = await TestServer.OnSqlite();
        using var caller = new SessionManagerClient(
            server.Address, await (await TestAccount.Open(server, maxConcurrent: 0)).Key(Scopes.SessionsWrite));
        var refused = await Assert.ThrowsAsync<ConcurrentLimitReachedException>(() => caller.Credentials.CreateAsync());
        Assert.Equal((0, 0, HttpStatusCode.TooManyRequests), (refused.ActiveCount, refused.Limit, refused.Status));
        Assert.Equal("CONCURRENT_LIMIT_REACHED", refused.Code);
        Assert.NotEmpty(refused.RequestId!);
        Assert.NotEmpty(refused.Action!);
    }

    [Fact]
    public async Task The_hours_used_up_are_told_with_the_day_that_brings_new_ones()
    {
        var server = await TestServer.OnSqlite();
        await TestNode.Register(server);
        using var caller = new SessionManagerClient(
            server.Address, await (await TestAccount.Open(server, monthlyHours: 0)).Key(Scopes.SessionsWrite));
        var refused = await Assert.ThrowsAsync<MonthlyLimitReachedException>(() => caller.Credentials.CreateAsync());
        Assert.Equal((0, 0), (refused.UsedHours, refused.LimitHours));
        Assert.Equal(1, refused.ResetDate!.Value.Day);
    }

    [Fact]
    public async Task A_suspended_account_is_told_why_whatever_it_asks_for()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.WithKeys(server);
        using var caller = new SessionManagerClient(server.Address, (await user.NewKey(Scopes.SessionsWrite, Scopes.ProfileRead)).Key);
        await user.Change("""{"suspended":true,"reason":"unpaid"}""");
        Assert.Equal("unpaid", (await Assert.ThrowsAsync<AccountSuspendedException>(() => caller.Credentials.CreateAsync())).Reason);
        Assert.Contains("unpaid", (await Assert.ThrowsAsync<AccountSuspendedException>(() => caller.Users.GetMeAsync())).Reason!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_that_opens_nothing_is_told_from_one_that_does_not_open_this()
    {
        var server = await TestServer.OnSqlite();
        using var nobody = new SessionManagerClient(server.Address, KeyFormat.Create(TestServer.Random));
        var unknown = await Assert.ThrowsAsync<SessionManagerAuthenticationException>(() => nobody.Credentials.CreateAsync());
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_key"), (unknown.Status, unknown.Code));

        using var reader = new SessionManagerClient(server.Address, await (await TestAccount.Open(server)).Key(Scopes.SessionsRead));
        var closed = await Assert.ThrowsAsync<SessionManagerAuthenticationException>(() => reader.Credentials.CreateAsync());
        Assert.Equal((HttpStatusCode.Forbidden, "insufficient_scope"), (closed.Status, closed.Code));
    }

    [Fact]
    public async Task Each_value_that_is_wrong_is_named()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.WithKeys(server);
        using var caller = new SessionManagerClient(server.Address, user.Login.Credential);
        var refused = await Assert.ThrowsAsync<SessionManagerApiException>(
            () => caller.Keys.CreateAsync(new() { Name = "", Scopes = ["all"] }));
        Assert.Equal("invalid_value", refused.Code);
        Assert.Equal(["name", "scopes"], refused.Errors.Select(error => error.Field));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_lost_answer_costs_no_second_slot(bool inItsMiddle)
    {
        var server = await TestServer.OnSqlite();
        await TestNode.Register(server);
        var account = await TestAccount.Open(server);
        using var unlucky = new HttpClient(new LosesTheFirstAnswer(inItsMiddle));
        using var caller = new SessionManagerClient(
            new SessionManagerClientOptions { Address = server.Address, Credential = await account.Key(Scopes.SessionsWrite) }, unlucky);
        var minted = await caller.Credentials.CreateAsync();
        Assert.StartsWith("ses_", minted.SessionId, StringComparison.Ordinal);
        Assert.Equal(1, (await account.Grain.Get())!.ActiveCount);
    }

    [Fact]
    public async Task An_address_where_nothing_answers_is_told_after_as_many_tries_as_allowed()
    {
        using var caller = new SessionManagerClient(new SessionManagerClientOptions { Address = new("http://127.0.0.1:9"), MaxRetries = 1 });
        var unreached = await Assert.ThrowsAsync<SessionManagerConnectionException>(() => caller.Credentials.CreateAsync());
        Assert.StartsWith("http://127.0.0.1:9/ cannot be reached: ", unreached.Message, StringComparison.Ordinal);
    }

    /// <summary>The server has answered, and the connection breaks before the answer is read.</summary>
    sealed class LosesTheFirstAnswer(bool inItsMiddle) : DelegatingHandler(new SocketsHttpHandler())
    {
        bool _lost;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (_lost)
                return response;
            _lost = true;
            response.Dispose();
            if (!inItsMiddle)
                throw new HttpRequestException("The connection broke.");
            var body = new Pipe();
            await body.Writer.CompleteAsync(new HttpIOException(HttpRequestError.ResponseEnded));
            return new(response.StatusCode) { Content = new StreamContent(body.Reader.AsStream()) };
        }
    }
}
