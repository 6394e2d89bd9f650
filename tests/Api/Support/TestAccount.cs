using System.Net.Http.Headers;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Keys;
using SessionManager.Users;

namespace SessionManager.Tests;

/// <summary>An account of a test's own.</summary>
public sealed class TestAccount
{
    readonly TestServer _server;

    TestAccount(TestServer server, string id)
    {
        _server = server;
        Id = id;
    }

    public string Id { get; }
    public IAccountGrain Grain => _server.Grains.GetGrain<IAccountGrain>(Id);

    public static async Task<TestAccount> Open(
        TestServer server, bool admin = false, bool keys = true, int? maxConcurrent = null, double? monthlyHours = null)
    {
        var account = new TestAccount(server, UserIds.Of(TestServer.NewName("user")));
        await account.Grain.Open(new AccountSettings
        {
            IsAdmin = admin,
            KeysEnabled = keys,
            MaxConcurrent = maxConcurrent,
            MonthlyHours = monthlyHours,
        });
        return account;
    }

    /// <summary>A new key with the scopes.</summary>
    public async Task<string> Key(params string[] scopes)
    {
        var key = KeyFormat.Create(TestServer.Random);
        var hash = KeyFormat.Hash(key);
        await _server.Grains.GetGrain<IKeyGrain>(KeyFormat.IdOf(hash)).Create(new KeyRecord
        {
            AccountId = Id,
            Hash = hash,
            Name = "test",
            Prefix = KeyFormat.Shown(key),
            Scopes = [.. scopes],
            CreatedAt = _server.Time.GetUtcNow(),
        });
        return key;
    }

    /// <summary>A login, as a user gets one with a password.</summary>
    public async Task<string> Login() => await _server.Tokens.ForLogin(Id, (await Grain.Get())!.LoginEpoch);

    /// <summary>A caller with a new key with the scopes.</summary>
    public async Task<TestCaller> WithKey(params string[] scopes) => new(_server.Http, await Key(scopes));

    public async Task<TestCaller> WithLogin() => new(_server.Http, await Login());
}

/// <summary>Calls the server with one credential, or with none.</summary>
public sealed class TestCaller(HttpClient http, string? credential)
{
    public string? Credential => credential;

    public Task<HttpResponseMessage> Get(string path) => Send(HttpMethod.Get, path);

    public Task<HttpResponseMessage> Delete(string path) => Send(HttpMethod.Delete, path);

    public Task<HttpResponseMessage> Post(string path, string? json = null, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Post, path, json, headers);

    public Task<HttpResponseMessage> Patch(string path, string json) => Send(HttpMethod.Patch, path, json);

    public Task<HttpResponseMessage> Put(string path, string json) => Send(HttpMethod.Put, path, json);

    public Task<HttpResponseMessage> Send(
        HttpMethod method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        if (credential is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (json is not null)
            request.Content = new StringContent(json, mediaType: new MediaTypeHeaderValue("application/json"));
        // Some answers come as long as one listens.
        return http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
