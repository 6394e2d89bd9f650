using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SessionManager.Errors;
using SessionManager.Tests.Auth;

namespace SessionManager.Tests.OpenApi;

/// <summary><c>/openapi/v1.json</c> and <c>/docs</c></summary>
public class ApiDescriptionTests
{
    static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly string[] Undescribed = ["/openapi/v1.json", "/docs", "/docs/{file}", "/demo", "/demo/{file}", "/watch/{broadcast_id}", "/watch/files/{file}"];

    [Fact]
    public async Task Every_route_is_described_and_nothing_else()
    {
        var described = Operations(await Describe()).Select(operation => $"{operation.Method} {operation.Path}").Order();
        var routes = (await Route.All()).Where(route => !Undescribed.Contains(route.Pattern) && !route.IsOfDashboard)
            .Select(route => $"{route.Method} {route.Pattern.TrimEnd('/')}").Order();
        Assert.Equal(routes, described);
    }

    [Fact]
    public async Task Every_route_says_what_it_does_who_may_call_it_and_what_it_refuses_with()
    {
        var api = await Describe();
        Assert.Equal("3.1", api.Text("openapi")[..3]);
        foreach (var (method, path, operation) in Operations(api))
        {
            var name = $"{method} {path}";
            Assert.True(operation.ContainsKey("summary"), name);
            Assert.Matches("(login|Open to everyone)", operation.Text("description"));
            Assert.All(
                operation["responses"]!.AsObject().Where(response => int.Parse(response.Key, null) >= 400),
                response => Assert.NotNull(response.Value!["content"]!["application/problem+json"]));
        }

        var names = Operations(api).Select(operation => operation.Operation.Text("operationId")).ToArray();
        Assert.Equal(names.Distinct(), names);
    }

    [Fact]
    public async Task The_description_is_as_the_snapshot_says() =>
        Snapshot.Matches("openapi.json", (await Describe()).ToJsonString(Readable));

    [Fact]
    public async Task Every_error_has_its_place_on_the_page_that_problems_point_to()
    {
        var listed = (await Describe())["x-errors"]!.AsArray().Select(error => error!.AsObject().Text("code"));
        Assert.Equal(ErrorCatalogue.All.Select(kind => kind.Code).Order(), listed.Order());
    }

    [Fact]
    public async Task What_a_mint_needs_and_answers_with_is_described_as_it_is()
    {
        var schemas = (await Describe())["components"]!["schemas"]!;
        Assert.Equal(["session_id", "signaling_url", "session_token", "expires_in"], Required(schemas["CredentialsAnswer"]!));
        Assert.Equal(["region", "model", "capacity"], Required(schemas["NodeBody"]!));
        Assert.Equal(["api_key"], Required(schemas["TokenRequest"]!));
        Assert.Equal("date-time", schemas["Session"]!["properties"]!["created_at"]!.AsObject().Text("format"));
        Assert.Null(schemas["Session"]!["properties"]!["node_signaling_url"]);
    }

    [Theory]
    [InlineData("/docs", "text/html")]
    [InlineData("/docs/docs.js", "text/javascript")]
    [InlineData("/docs/docs.css", "text/css")]
    [InlineData("/docs/scalar.js", "text/javascript")]
    [InlineData("/demo", "text/html")]
    [InlineData("/demo/demo.js", "text/javascript")]
    [InlineData("/demo/theme.css", "text/css")]
    [InlineData("/watch/none", "text/html")]
    [InlineData("/watch/files/watch.css", "text/css")]
    [InlineData("/watch/files/watch.js", "text/javascript")]
    [InlineData("/watch/files/viewer.js", "text/javascript")]
    [InlineData("/openapi/v1.json", "application/json")]
    public async Task Each_page_comes_whole_from_this_server_and_is_cheap_to_ask_for_again(string path, string type)
    {
        var server = await TestServer.OnSqlite();
        using var response = await server.Http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using var unchanged = await server.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Theory]
    [InlineData("/docs")]
    [InlineData("/demo")]
    public async Task The_page_runs_no_script_and_is_framed_by_no_page_but_this_servers(string path)
    {
        var server = await TestServer.OnSqlite();
        using var response = await server.Http.GetAsync(new Uri(path, UriKind.Relative));
        var policy = response.Header("Content-Security-Policy");
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_watch_page_takes_nothing_but_video_from_anyone_but_this_server()
    {
        var server = await TestServer.OnSqlite();
        using var response = await server.Http.GetAsync(new Uri("/watch/none", UriKind.Relative));
        var foreign = response.Header("Content-Security-Policy")!.Split("; ").Where(rule => rule.Contains("http", StringComparison.Ordinal));
        Assert.Equal(["media-src http: https:"], foreign);
        Assert.Equal("no-referrer", response.Header("Referrer-Policy"));
    }

    static async Task<JsonObject> Describe() =>
        await (await TestServer.OnSqlite()).Http.GetAsync(new Uri("/openapi/v1.json", UriKind.Relative)).Json();

    static IEnumerable<(string Method, string Path, JsonObject Operation)> Operations(JsonObject api) =>
        from path in api["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (operation.Key.ToUpperInvariant(), path.Key, operation.Value!.AsObject());

    static string[] Required(JsonNode schema) => [.. schema["required"]!.AsArray().Select(name => name!.GetValue<string>())];
}
