using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SessionManager.Cli;

/// <summary>The server's HTTP API as an operator uses it. Every "no" becomes a <see cref="CommandFailedException"/>.</summary>
sealed class Server(HttpMessageHandler handler, Uri url) : IDisposable
{
    readonly HttpClient http = new(handler, disposeHandler: false) { BaseAddress = url, Timeout = TimeSpan.FromSeconds(30) };

    public void UseToken(string token) => http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

    public async Task LogIn(string username, string password, CancellationToken cancellation)
    {
        var login = await Post("api/auth/login", new JsonObject { ["username"] = username, ["password"] = password }, cancellation);
        UseToken(login.Text("access_token"));
    }

    public Task<JsonObject> Get(string path, CancellationToken cancellation) => Send(HttpMethod.Get, path, null, cancellation);

    public Task<JsonObject> Post(string path, JsonObject body, CancellationToken cancellation) =>
        Send(HttpMethod.Post, path, body, cancellation);

    public Task<JsonObject> Patch(string path, JsonObject body, CancellationToken cancellation) =>
        Send(HttpMethod.Patch, path, body, cancellation);

    public Task<JsonObject> Delete(string path, CancellationToken cancellation) => Send(HttpMethod.Delete, path, null, cancellation);

    public void Dispose() => http.Dispose();

    async Task<JsonObject> Send(HttpMethod method, string path, JsonObject? body, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            using var response = await http.SendAsync(request, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            var answer = text.Length == 0 ? [] : JsonNode.Parse(text) as JsonObject ?? throw new JsonException("not an object");
            return response.IsSuccessStatusCode ? answer : throw Refused(response, answer);
        }
        catch (HttpRequestException problem)
        {
            throw new CommandFailedException(ExitCode.Unreachable, $"{url} cannot be reached: {problem.Message}");
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CommandFailedException(ExitCode.Unreachable, $"{url} did not answer within {http.Timeout.TotalSeconds} s.");
        }
        catch (JsonException)
        {
            throw new CommandFailedException(ExitCode.Unreachable, $"{url} did not answer in JSON: is it this server's address?");
        }
    }

    static CommandFailedException Refused(HttpResponseMessage response, JsonObject problem)
    {
        var says = Text(problem, "detail") ?? Text(problem, "message") ?? Text(problem, "title") ?? response.ReasonPhrase;
        var code = Text(problem, "code") ?? Text(problem, "error");
        var wait = response.Headers.RetryAfter?.Delta is { } delay ? $" Try again in {delay.TotalSeconds} s." : "";
        var request = Text(problem, "request_id") is { } id ? $" [request {id}]" : "";
        return new CommandFailedException(
            response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? ExitCode.NotAllowed : ExitCode.Refused,
            $"{(int)response.StatusCode}{(code is null ? "" : $" {code}")}: {says}{wait}{request}");

        static string? Text(JsonObject from, string name) => from[name] is JsonValue value ? value.ToString() : null;
    }
}

static class Answers
{
    /// <exception cref="CommandFailedException">It is missing: this is another server, or another version.</exception>
    public static string Text(this JsonNode? answer, string name) => answer?[name]?.ToString()
        ?? throw new CommandFailedException(ExitCode.Unreachable, $"The server's answer has no {name}: is it this server's address?");

    public static IEnumerable<JsonNode> Data(this JsonObject answer) => answer["data"] is JsonArray list
        ? list.OfType<JsonNode>()
        : throw new CommandFailedException(ExitCode.Unreachable, "The server's answer has no data: is it this server's address?");
}
