using Microsoft.Extensions.Logging;
using SessionManager.Tests.Security;

namespace SessionManager.Tests.Hosting;

public class AccessLogTests
{
    const string Category = "SessionManager.Api.Hosting.AccessLog";

    [Fact]
    public async Task Where_it_is_asked_for_every_request_is_a_line_that_names_its_route_and_not_its_query()
    {
        using var logs = new LogCapture();
        await using var server = await TestServer.StartWith(builder => builder.Logging.AddProvider(logs), "--Api:AccessLog", "true");
        using var response = await server.Http.GetAsync(new Uri("/ping?token=s3cret", UriKind.Relative));
        var line = Assert.Single(logs.Lines, line => line.StartsWith(Category, StringComparison.Ordinal));
        Assert.Contains("GET /ping 204 in ", line, StringComparison.Ordinal);
        Assert.Contains(response.Header("X-Request-Id")!, line, StringComparison.Ordinal);
        Assert.DoesNotContain(logs.Lines, line => line.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_is_no_line_in_the_log_unless_it_is_asked_for()
    {
        using var logs = new LogCapture();
        await using var server = await TestServer.StartWith(builder => builder.Logging.AddProvider(logs));
        var before = logs.Lines.Count();
        (await server.Http.GetAsync(new Uri("/ping", UriKind.Relative))).Dispose();
        await new TestCaller(server.Http, "odn_wrong").Get("/regions");
        var messages = logs.Lines.Skip(before).Where(line => !line.Contains(" scope ", StringComparison.Ordinal));
        Assert.DoesNotContain(messages, line => line.Contains("/ping", StringComparison.Ordinal) || line.Contains("Credential", StringComparison.Ordinal));
    }
}
