using System.Net;
using System.Net.Http.Headers;
using SessionManager.Errors;
using SessionManager.Tests.Auth;

namespace SessionManager.Tests.Hosting;

/// <summary>Pages of other origins (CORS).</summary>
public class BrowserAccessTests
{
    const string Origin = "https://app.example.com";

    static readonly string[] ForBrowsers =
        ["/auth/", "/regions", "/ping", "/sessions/", "/credentials", "/signaling", "/config", "/broadcasts/{broadcast_id}/whep"];

    [Fact]
    public async Task A_page_of_another_origin_may_ask_before_it_calls_the_routes_browsers_use_and_no_other()
    {
        var server = await TestServer.OnSqlite();
        foreach (var route in await Route.All())
        {
            using var response = await new TestCaller(server.Http, null).Send(HttpMethod.Options, route.Path, null,
                ("Origin", Origin),
                ("Access-Control-Request-Method", route.Method),
                ("Access-Control-Request-Headers", "authorization,content-type,idempotency-key,prefer"));
            if (ForBrowsers.Any(start => route.Pattern.StartsWith(start, StringComparison.Ordinal)))
            {
                Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
                Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
                Assert.Equal("7200", response.Header("Access-Control-Max-Age"));
                Assert.NotNull(response.Header("Access-Control-Allow-Headers"));
            }
            else
            {
                Assert.Null(response.Header("Access-Control-Allow-Origin"));
            }

            Assert.Null(response.Header("Access-Control-Allow-Credentials"));
        }
    }

    [Fact]
    public async Task A_page_reads_refusals_and_the_headers_it_needs()
    {
        var server = await TestServer.OnSqlite();
        using var response = await new TestCaller(server.Http, null).Post("/credentials", "{}", ("Origin", Origin));
        await response.Problem(ErrorCatalogue.Unauthenticated);
        Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
        Assert.Equal("Location,ETag,Retry-After", response.Header("Access-Control-Expose-Headers"));
    }

    [Theory]
    [InlineData("DELETE", "/credentials", null, ErrorCatalogue.MethodNotAllowed)]
    [InlineData("PUT", "/sessions/token", "application/json", ErrorCatalogue.MethodNotAllowed)]
    [InlineData("POST", "/auth/token", "text/plain", ErrorCatalogue.UnsupportedMediaType)]
    [InlineData("POST", "/auth/token", "application/json", ErrorCatalogue.PayloadTooLarge)]
    public async Task A_page_reads_whatever_mistake_it_made(string method, string path, string? type, string code)
    {
        var server = await TestServer.OnSqlite();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "Origin", Origin } } };
        if (type is not null)
            request.Content = new StringContent(code == ErrorCatalogue.PayloadTooLarge ? new string(' ', 70_000) : "{}", new MediaTypeHeaderValue(type));
        using var response = await server.Http.SendAsync(request);
        await response.Problem(code);
        Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_page_may_ask_for_a_method_that_the_route_does_not_have_and_is_told_so_when_it_calls()
    {
        var server = await TestServer.OnSqlite();
        using var response = await new TestCaller(server.Http, null).Send(
            HttpMethod.Options, "/credentials", null, ("Origin", Origin), ("Access-Control-Request-Method", "DELETE"));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_page_of_another_origin_reads_nothing_else()
    {
        var server = await TestServer.OnSqlite();
        var account = await TestAccount.Open(server);
        using var response = await (await account.WithLogin()).Send(HttpMethod.Get, "/api/sessions", null, ("Origin", Origin));
        Assert.Null(response.Header("Access-Control-Allow-Origin"));
    }
}
