using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace SessionManager.Compare;

/// <summary>The accounts and nodes that the product needs, made over its API as anyone would.</summary>
static class Fleet
{
    /// <summary>An API key of each new account.</summary>
    public static async Task<string[]> Make(Uri address, JsonNode demo, Population population)
    {
        using var http = new HttpClient { BaseAddress = address };
        for (var node = 0; node < population.Nodes; node++)
            await Send(http, HttpMethod.Put, Name("api/nodes/bench", node), """{"region":"bench","model":"bench","capacity":1000000}""", demo["node_key"]!.GetValue<string>());
        var admin = await LogIn(http, demo["admin"]!.ToJsonString());
        var keys = new string[population.Accounts];
        for (var account = 0; account < keys.Length; account++)
        {
            var user = $$"""{"username":"{{Name("bench", account)}}","password":"bench-bench-bench"}""";
            var id = (await Send(http, HttpMethod.Post, "api/admin/users", user, admin))["id"]!.GetValue<string>();
            await Send(http, HttpMethod.Patch, $"api/admin/users/{id}", """{"api_keys_enabled":true}""", admin);
            var key = await Send(http, HttpMethod.Post, "api/users/me/keys", """{"name":"bench","scopes":["sessions:write"]}""", await LogIn(http, user));
            keys[account] = key["key"]!.GetValue<string>();
        }

        return keys;
    }

    static async Task<string> LogIn(HttpClient http, string login) =>
        (await Send(http, HttpMethod.Post, "api/auth/login", login, null))["access_token"]!.GetValue<string>();

    public static async Task<JsonNode> Send(HttpClient http, HttpMethod method, string path, string body, string? token)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new HttpRequestException($"{method} {path}: {text}");
    }

    static string Name(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{number}");
}
