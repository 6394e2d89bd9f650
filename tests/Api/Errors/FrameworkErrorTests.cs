using System.Net.Http.Headers;
using System.Text;
using SessionManager.Errors;
using SessionManager.Keys;

namespace SessionManager.Tests.Errors;

/// <summary>What the framework refuses by itself is answered like everything else.</summary>
public class FrameworkErrorTests
{
    [Fact]
    public async Task An_address_where_nothing_is_answers_not_found()
    {
        var server = await TestServer.OnSqlite();
        await server.Http.GetAsync(new Uri("/nowhere", UriKind.Relative)).Problem(ErrorCatalogue.NotFound);
    }

    [Fact]
    public async Task A_method_that_a_route_does_not_have_names_those_it_has()
    {
        var server = await TestServer.OnSqlite();
        using var response = await server.Http.DeleteAsync(new Uri("/credentials", UriKind.Relative));
        await response.Problem(ErrorCatalogue.MethodNotAllowed);
        Assert.Equal("POST", response.Header("Allow"));
    }

    [Fact]
    public async Task A_HEAD_is_a_GET_without_its_body()
    {
        var server = await TestServer.OnSqlite();
        using var get = await new TestCaller(server.Http, null).Send(HttpMethod.Get, "/health/live");
        using var head = await new TestCaller(server.Http, null).Send(HttpMethod.Head, "/health/live");
        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task A_body_that_is_not_declared_as_JSON_is_refused(string? type)
    {
        var server = await TestServer.OnSqlite();
        using var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        await server.Http.PostAsync(new Uri("/auth/token", UriKind.Relative), content).Problem(ErrorCatalogue.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"api_key":"odn_""")]
    [InlineData("""{"api_key":1}""")]
    [InlineData("""{"api_key":{}}""")]
    [InlineData("""["api_key"]""")]
    [InlineData("\"odn_\"")]
    [InlineData("null")]
    [InlineData("""{"api_key":"a",}""")]
    [InlineData("""{"api_key":"a"} {}""")]
    [InlineData("""{"api_key":"a","api_key":"b"}""")]
    [InlineData("""{"api_key":"a","other":1}""")]
    [InlineData("""{"API_KEY":"a"}""")]
    [InlineData("\u0000")]
    [InlineData("""{"api_key":"\ud800"}""")]
    public async Task JSON_that_is_malformed_truncated_or_of_other_types_is_refused(string body)
    {
        var server = await TestServer.OnSqlite();
        await new TestCaller(server.Http, null).Post("/auth/token", body).Problem(ErrorCatalogue.MalformedRequest);
    }

    [Theory]
    [InlineData("""{"region_latencies":{"eu":"fast"}}""", "region_latencies.eu", "must be a number")]
    [InlineData("""{"capabilities":{"image_to_video":1}}""", "capabilities.image_to_video", "must be true or false")]
    [InlineData("""{"region_latencies":[]}""", "region_latencies", "must be an object")]
    [InlineData("""{"capabilities":{"fly":true}}""", "capabilities.fly", "is not known here")]
    [InlineData("""{"regionLatencies":{}}""", "regionLatencies", "is not known here")]
    [InlineData("""{"capabilities":1}""", "capabilities", "must be an object")]
    public async Task The_member_that_cannot_be_read_is_named(string body, string field, string wrong)
    {
        var server = await TestServer.OnSqlite();
        var caller = await (await TestAccount.Open(server)).WithKey(Scopes.SessionsWrite);
        var problem = await caller.Post("/credentials", body).Problem(ErrorCatalogue.MalformedRequest);
        Assert.Equal([field], problem.Fields());
        Assert.Contains($"`{field}` {wrong} (line 1", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF_8_are_refused()
    {
        var server = await TestServer.OnSqlite();
        using var content = new ByteArrayContent([.. "{\"api_key\":\""u8, 0xff, 0xfe, .. "\"}"u8]);
        content.Headers.ContentType = new("application/json");
        await server.Http.PostAsync(new Uri("/auth/token", UriKind.Relative), content).Problem(ErrorCatalogue.MalformedRequest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_refused_whether_it_says_its_length_or_not(bool chunked)
    {
        var server = await TestServer.OnSqlite();
        var body = $$"""{"api_key":"{{new string('a', 70_000)}}"}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/token")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = chunked;
        await server.Http.SendAsync(request).Problem(ErrorCatalogue.PayloadTooLarge);
    }

    [Fact]
    public async Task Deeply_nested_JSON_is_refused()
    {
        var server = await TestServer.OnSqlite();
        var body = $$"""{"api_key":{{new string('[', 20_000)}}""";
        await new TestCaller(server.Http, null).Post("/auth/token", body).Problem(ErrorCatalogue.MalformedRequest);
    }

    [Fact]
    public async Task Every_answer_names_its_request_and_no_two_alike()
    {
        var server = await TestServer.OnSqlite();
        using var first = await server.Http.GetAsync(new Uri("/ping", UriKind.Relative));
        using var second = await server.Http.GetAsync(new Uri("/ping", UriKind.Relative));
        Assert.NotEqual(first.Header("X-Request-Id"), second.Header("X-Request-Id"));
    }
}
