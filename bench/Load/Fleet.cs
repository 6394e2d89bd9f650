using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using SessionManager.Client;

namespace SessionManager.Load;

/// <summary>The nodes and accounts that a measurement needs, made over the API as anyone would.</summary>
sealed class Fleet(Server server)
{
    public async Task RegisterNodes(int count, int capacity)
    {
        for (var node = 0; node < count; node++)
            await new StreamingNodeClient(server.Http, server.NodeKey, Name("load", node)).Register(new("load", "load", capacity));
    }

    /// <summary>New accounts, each with a key that may mint.</summary>
    public async Task<string[]> OpenAccounts(int count)
    {
        var admin = await LogIn(server.AdminLogin);
        var keys = new string[count];
        for (var account = 0; account < count; account++)
        {
            var person = $$"""{"username":"{{Name("load", account)}}","password":"load-load-load"}""";
            var id = (await Send(HttpMethod.Post, "api/admin/users", person, admin))["id"]!.GetValue<string>();
            await Send(HttpMethod.Patch, $"api/admin/users/{id}", """{"api_keys_enabled":true}""", admin);
            var key = await Send(
                HttpMethod.Post, "api/users/me/keys", """{"name":"load","scopes":["sessions:write"]}""", await LogIn(person));
            keys[account] = key["key"]!.GetValue<string>();
        }

        return keys;
    }

    async Task<string> LogIn(string login) => (await Send(HttpMethod.Post, "api/auth/login", login, null))["access_token"]!.GetValue<string>();

    async Task<JsonNode> Send(HttpMethod method, string path, string body, string? token)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await server.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new HttpRequestException($"{method} {path}: {text}");
    }

    static string Name(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{number}");
}
