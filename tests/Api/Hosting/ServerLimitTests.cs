namespace SessionManager.Tests.Hosting;

/// <summary>What is not HTTP as it should be never reaches a route.</summary>
public class ServerLimitTests
{
    [Theory]
    [InlineData("hello\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /api/sessions/%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505)]
    [InlineData("POST /auth/token HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400)]
    [InlineData("POST /auth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400)]
    [InlineData("GET /regions HTTP/1.1\r\nHost: a\r\nBad Header: b\r\n\r\n", 400)]
    public async Task A_request_that_is_not_well_formed_is_refused(string request, int status) =>
        Assert.StartsWith($"HTTP/1.1 {status} ", await RawHttp.Send((await TestServer.OnSqlite()).Address, request), StringComparison.Ordinal);

    [Fact]
    public async Task A_request_line_too_long_is_refused()
    {
        var answer = await RawHttp.Send((await TestServer.OnSqlite()).Address, $"GET /{new string('a', 9_000)} HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 414 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_too_long_are_refused()
    {
        var answer = await RawHttp.Send(
            (await TestServer.OnSqlite()).Address, $"GET /ping HTTP/1.1\r\nHost: a\r\nX-A: {new string('a', 20_000)}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_does_not_say_what_it_is()
    {
        using var response = await (await TestServer.OnSqlite()).Http.GetAsync(new Uri("/ping", UriKind.Relative));
        Assert.Null(response.Header("Server"));
    }
}
