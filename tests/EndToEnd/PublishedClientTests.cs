using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using SessionManager.Client;

namespace SessionManager.Tests;

/// <summary>What a user of the published client, unmodified, sees of this server.</summary>
public sealed class PublishedClientTests : IAsyncLifetime, IDisposable
{
    readonly TempFolder _folder = new();
    ServerProcess _server = null!;

    public async Task InitializeAsync() => _server = await ServerProcess.Start(_folder.Path, ("Accounts__MaxConcurrent", "1"));

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [PublishedClientFact]
    public async Task The_published_client_mints_credentials_and_then_meets_the_limit_as_its_own_error()
    {
        var credentials = (await Mint(_server.ApiKey))["credentials"]!;
        Assert.Equal($"ws://{_server.Address.Authority}/signaling", credentials["signaling_url"]!.GetValue<string>());
        Assert.Equal(600, credentials["expires_in"]!.GetValue<int>());
        using var client = new SessionManagerClient(_server.Address, _server.ApiKey);
        var session = await client.Sessions.GetAsync(credentials["session_id"]!.GetValue<string>());
        Assert.Equal("provisioned", session.State);
        Assert.Equal(_server.NodeId, session.NodeId);

        var error = (await Mint(_server.ApiKey))["error"]!;
        Assert.Equal("ConcurrentLimitReachedError", error["name"]!.GetValue<string>());
        Assert.Equal("CONCURRENT_LIMIT_REACHED", error["code"]!.GetValue<string>());
        Assert.Equal("""{"active_count":1,"limit":1}""", error["details"]!.ToJsonString());
    }

    [PublishedClientFact]
    public async Task The_published_client_tells_a_mistyped_key_from_an_unknown_one()
    {
        Assert.Equal("Invalid API key format. Please check your API key is correct.", await Error(_server.ApiKey[..^1]));
        Assert.Equal("Invalid API key", await Error("odn_777777777777777777777777777777777777777777777ahdemoq"));
    }

    [PublishedClientFact]
    public async Task The_published_client_shows_why_keys_are_refused_and_meets_hours_and_suspension_as_its_own_errors()
    {
        await Change("""{"monthly_hours":0}""");
        var error = (await Mint(_server.ApiKey))["error"]!;
        Assert.Equal("MonthlyLimitReachedError", error["name"]!.GetValue<string>());
        Assert.Equal(0, error["details"]!["limit_hours"]!.GetValue<double>());

        await Change("""{"api_keys_enabled":false}""");
        Assert.StartsWith("API keys are not enabled for this account.", await Error(_server.ApiKey), StringComparison.Ordinal);

        await Change("""{"api_keys_enabled":true,"suspended":true,"reason":"Unpaid."}""");
        Assert.StartsWith("Unpaid.", await Error(_server.ApiKey), StringComparison.Ordinal);
    }

    Task<JsonObject> Mint(string apiKey) => PublishedClient.Mint(_server.Address, apiKey);

    async Task<string> Error(string apiKey) => (await Mint(apiKey))["error"]!["message"]!.GetValue<string>();

    /// <summary>An administrator changes the demo account.</summary>
    async Task Change(string change)
    {
        using var login = await _server.Http.PostAsJsonAsync("api/auth/login", _server.Demo["admin"]);
        var token = (await login.Content.ReadFromJsonAsync<JsonObject>())!["access_token"]!.GetValue<string>();
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"api/admin/users/{await DemoAccount(token)}")
        {
            Content = new StringContent(change, Encoding.UTF8, "application/json"),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
        using var changed = await _server.Http.SendAsync(request);
        changed.EnsureSuccessStatusCode();
    }

    async Task<string> DemoAccount(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/admin/users?search=demo")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
        using var found = await _server.Http.SendAsync(request);
        return (await found.Content.ReadFromJsonAsync<JsonObject>())!["data"]![0]!["id"]!.GetValue<string>();
    }
}
