using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace SessionManager.Tests;

/// <summary>Requests as any client makes them, to whichever front end.</summary>
static class Wire
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    public static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    static readonly HttpClient Client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1) })
    {
        Timeout = TimeSpan.FromSeconds(40),
    };

    public static async Task<Answer> Send(HttpMethod method, Uri api, string path, string? bearer, object? body = null, string? idempotencyKey = null, string? traceParent = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(api, path));
        if (bearer is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        if (traceParent is not null)
            request.Headers.Add("traceparent", traceParent);
        if (body is not null)
            request.Content = JsonContent.Create(body, options: Json);
        using var response = await Client.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>One that must succeed.</summary>
    public static async Task<T> Get<T>(HttpMethod method, Uri api, string path, string? bearer, object? body = null)
    {
        var answer = await Send(method, api, path, bearer, body);
        Assert.True(answer.Status is >= 200 and < 300, $"{method} {path}: {answer.Status} {answer.Body}");
        return answer.Read<T>();
    }
}

sealed record Answer(int Status, string Body)
{
    public T Read<T>() => JsonSerializer.Deserialize<T>(Body, Wire.Json)!;
}
