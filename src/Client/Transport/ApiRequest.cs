using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;

namespace SessionManager.Client;

/// <summary>
/// A request that can be sent more than once: what <see cref="HttpRequestMessage"/> cannot be. The path is relative to the server's
/// address, without a slash at its start.
/// </summary>
sealed record ApiRequest(HttpMethod Method, string Path)
{
    /// <summary>Makes the body, anew for each try.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>Whether the server takes it for one however often it comes, so that a lost answer can be asked for again.</summary>
    public bool IsRepeatable { get; init; } = Method != HttpMethod.Post && Method != HttpMethod.Patch;

    /// <summary>Whether it goes without the credential.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>Whether "not now" is for the caller to hear, and not waited for here.</summary>
    public bool IsImpatient { get; init; }

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public static ApiRequest Get(string path) => new(HttpMethod.Get, path);

    public static ApiRequest Delete(string path) => new(HttpMethod.Delete, path);

    public static ApiRequest Post(string path) => new(HttpMethod.Post, path);

    public static ApiRequest Post<T>(string path, T body, JsonTypeInfo<T> type) => Post(path).With(body, type);

    public static ApiRequest Put<T>(string path, T body, JsonTypeInfo<T> type) => new ApiRequest(HttpMethod.Put, path).With(body, type);

    public static ApiRequest Patch<T>(string path, T body, JsonTypeInfo<T> type) => new ApiRequest(HttpMethod.Patch, path).With(body, type);

    ApiRequest With<T>(T body, JsonTypeInfo<T> type) => this with { Content = () => JsonContent.Create(body, type) };
}
