using System.Text.Json.Nodes;
using SessionManager.Errors;

namespace SessionManager.Tests.Hosting;

/// <summary>What is not HTTP as it should be never reaches a route, and is answered like every other mistake.</summary>
public class ServerLimitTests
{
    [Theory]
    [InlineData("hello\r\n\r\n", ErrorCatalogue.MalformedHttp)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", ErrorCatalogue.MalformedHttp)]
    [InlineData("GET /api/sessions/%00 HTTP/1.1\r\nHost: a\r\n\r\n", ErrorCatalogue.MalformedHttp)]
    [InlineData("GET / HTTP/9.9\r\nHost: a\r\n\r\n", ErrorCatalogue.HttpVersion)]
    [InlineData("POST /auth/token HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", ErrorCatalogue.MalformedHttp)]
    [InlineData("GET /regions HTTP/1.1\r\nHost: a\r\nBad Header: b\r\n\r\n", ErrorCatalogue.MalformedHttp)]
    public async Task A_request_that_is_not_well_formed_is_refused(string request, string code) => await AssertRefused(request, code);

    [Fact]
    public async Task A_body_that_breaks_off_the_rules_of_HTTP_is_refused_by_the_application()
    {
        var answer = await RawHttp.Send(
            (await TestServer.OnSqlite()).Address,
            "POST /auth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            toTheEnd: true);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains($"\"code\":\"{ErrorCatalogue.MalformedRequest}\"", answer, StringComparison.Ordinal);
        Assert.Single(answer.Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_request_line_too_long_is_refused() =>
        await AssertRefused($"GET /{new string('a', 9_000)} HTTP/1.1\r\nHost: a\r\n\r\n", ErrorCatalogue.UriTooLong);

    [Fact]
    public async Task Headers_too_long_are_refused() =>
        await AssertRefused($"GET /ping HTTP/1.1\r\nHost: a\r\nX-A: {new string('a', 20_000)}\r\n\r\n", ErrorCatalogue.HeadersTooLarge);

    [Fact]
    public async Task What_came_before_on_the_same_connection_is_answered_first()
    {
        var answers = await RawHttp.Send(
            (await TestServer.OnSqlite()).Address, "GET /ping HTTP/1.1\r\nHost: a\r\n\r\nGET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", toTheEnd: true);
        Assert.StartsWith("HTTP/1.1 204 ", answers, StringComparison.Ordinal);
        Assert.Contains("\r\n\r\nHTTP/1.1 400 Bad Request\r\n", answers, StringComparison.Ordinal);
        Assert.Equal(2, answers.Split("HTTP/1.1 ").Length - 1);
    }

    [Fact]
    public async Task The_server_does_not_say_what_it_is()
    {
        using var response = await (await TestServer.OnSqlite()).Http.GetAsync(new Uri("/ping", UriKind.Relative));
        Assert.Null(response.Header("Server"));
    }

    static async Task AssertRefused(string request, string code)
    {
        var answer = await RawHttp.Send((await TestServer.OnSqlite()).Address, request, toTheEnd: true);
        var kind = ErrorCatalogue.Find(code);
        Assert.StartsWith($"HTTP/1.1 {kind.Status} ", answer, StringComparison.Ordinal);
        // One answer, and nothing after it.
        var parts = answer.Split("\r\n\r\n");
        Assert.Equal(2, parts.Length);
        var body = JsonNode.Parse(parts[1])!.AsObject();
        Assert.Equal((code, kind.Status, kind.Title), (body.Text("code"), body.Number("status"), body.Text("title")));
        Assert.Contains($"X-Request-Id: {body.Text("request_id")}\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/problem+json", answer, StringComparison.Ordinal);
    }
}
