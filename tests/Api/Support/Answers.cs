using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using SessionManager.Errors;

namespace SessionManager.Tests;

/// <summary>What tests expect of an answer, in the terms of the wire.</summary>
static class Answers
{
    /// <summary>The JSON body of an answer with that status.</summary>
    public static async Task<JsonObject> Json(this Task<HttpResponseMessage> answering, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var response = await answering;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} instead of {(int)status}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>
    /// The problem of a refused request: the status and texts are the catalogue's, it names its request, and it gives away
    /// nothing of the server.
    /// </summary>
    public static async Task<JsonObject> Problem(this Task<HttpResponseMessage> answering, string code)
    {
        using var response = await answering;
        return await response.Problem(code);
    }

    public static async Task<JsonObject> Problem(this HttpResponseMessage response, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        var kind = ErrorCatalogue.Find(code);
        Assert.True((int)response.StatusCode == kind.Status, $"{(int)response.StatusCode} instead of {kind.Status}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var body = JsonNode.Parse(text)!.AsObject();
        Assert.Equal(code, body.Text("code"));
        Assert.Equal(kind.Status, body["status"]!.GetValue<int>());
        Assert.Equal(kind.Title, body.Text("title"));
        Assert.Equal($"/docs#{code}", body.Text("type"));
        Assert.Equal(response.Headers.GetValues("X-Request-Id").Single(), body.Text("request_id"));
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        Assert.DoesNotContain("SessionManager.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        return body;
    }

    public static string Text(this JsonObject json, string member) =>
        (json[member] ?? throw new KeyNotFoundException($"There is no {member} in {json}")).GetValue<string>();

    public static int Number(this JsonObject json, string member) =>
        (json[member] ?? throw new KeyNotFoundException($"There is no {member} in {json}")).GetValue<int>();

    /// <summary>
    /// The token has its whole life left, but for the time that has passed since the request was sent: seconds are rounded up.
    /// </summary>
    /// <param name="since">A time stamp of the stopwatch from before the request.</param>
    public static void AssertLeft(this JsonObject answer, int seconds, long since) => Assert.InRange(
        answer.Number("expires_in"), (int)Math.Ceiling(seconds - Stopwatch.GetElapsedTime(since).TotalSeconds), seconds);

    public static DateTimeOffset Time(this JsonObject json, string member) =>
        DateTimeOffset.Parse(json.Text(member), CultureInfo.InvariantCulture);

    public static string[] Fields(this JsonObject problem) =>
        [.. (problem["errors"]?.AsArray() ?? []).Select(error => error!["field"]!.GetValue<string>())];

    public static string? Header(this HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.Single()
        : response.Content.Headers.TryGetValues(name, out var contentValues) ? contentValues.Single()
        : null;

    /// <summary>The claims or the header of a token, unverified.</summary>
    public static JsonObject Part(string token, int index)
    {
        var part = token.Split('.')[index].Replace('-', '+').Replace('_', '/');
        return JsonSerializer.Deserialize<JsonObject>(Convert.FromBase64String(part.PadRight((part.Length + 3) / 4 * 4, '=')))!;
    }

    public static JsonObject Claims(string token) => Part(token, 1);
}
