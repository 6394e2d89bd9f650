using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace SessionManager.Tests;

/// <summary>The server as it is run, on a port and a folder of its own.</summary>
public sealed class ServerProcess : IDisposable
{
    public const string Password = "correct horse battery";
    readonly int _port = FreePort();
    readonly string _folder = Directory.CreateTempSubdirectory("console").FullName;
    readonly bool _demo;
    IReadOnlyDictionary<string, string> _settings;
    readonly Lazy<Task<string>> _admin;
    Process _process;

    ServerProcess(bool demo, IReadOnlyDictionary<string, string>? settings)
    {
        (_demo, _settings) = (demo, settings ?? new Dictionary<string, string>());
        Address = new Uri($"http://127.0.0.1:{_port}/");
        Http = new HttpClient { BaseAddress = Address };
        _admin = new(async () =>
        {
            var (username, password) = await Admin();
            return await LogIn(username, password);
        });
        _process = Launch();
    }

    public Uri Address { get; }
    public HttpClient Http { get; }

    /// <param name="demo">With an administrator, a user who has a key, and a node; otherwise with nobody.</param>
    /// <param name="settings">What is set besides.</param>
    public static async Task<ServerProcess> Start(bool demo, IReadOnlyDictionary<string, string>? settings = null)
    {
        var server = new ServerProcess(demo, settings);
        await server.WaitUntilReady();
        return server;
    }

    public async Task<(string Username, string Password)> Admin()
    {
        var file = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "demo.json")))!["admin"]!;
        return (file["username"]!.GetValue<string>(), file["password"]!.GetValue<string>());
    }

    public async Task<string> NodeKey() => JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "demo.json")))!["node_key"]!.GetValue<string>();

    /// <summary>SIGKILL: whoever talks to it hears no more.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Where its data is.</summary>
    public string Folder => _folder;

    /// <summary>Starts it again, on the same port and data.</summary>
    /// <param name="other">Other settings from now on.</param>
    public async Task StartAgain(IReadOnlyDictionary<string, string>? other = null)
    {
        _settings = other ?? _settings;
        _process.Dispose();
        _process = Launch();
        await WaitUntilReady();
    }

    public async Task<string> LogIn(string username, string password)
    {
        using var response = await Http.PostAsJsonAsync("api/auth/login", new { username, password });
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>())!["access_token"]!.GetValue<string>();
    }

    /// <summary>The administrator's token, the same for all tests.</summary>
    public Task<string> LogInAsAdmin() => _admin.Value;

    /// <summary>A request with a credential.</summary>
    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, string? credential, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (credential is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        return await Http.SendAsync(request);
    }

    public async Task<JsonObject> Json(HttpMethod method, string path, string? credential, object? body = null)
    {
        using var response = await Send(method, path, credential, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>A new user with <see cref="Password"/>; their id.</summary>
    public async Task<string> CreateUser(string username, object? change = null)
    {
        var admin = await LogInAsAdmin();
        var id = (await Json(HttpMethod.Post, "api/admin/users", admin, new { username, password = Password }))["id"]!.GetValue<string>();
        if (change is not null)
            await Json(HttpMethod.Patch, $"api/admin/users/{id}", admin, change);
        return id;
    }

    public void Dispose()
    {
        Http.Dispose();
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    Process Launch()
    {
        var start = new ProcessStartInfo("dotnet", [Needs.Program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DATA_DIR"] = _folder, ["PORT"] = $"{_port}", ["Demo__Enabled"] = _demo ? "true" : "false",
                // Here many log in at once, and often.
                ["Logins__HashIterations"] = "1000", ["Accounts__RequestsPerMinute"] = "1000000",
                // And nodes that tests made report but once.
                ["Nodes__LeaseSeconds"] = "3600",
            },
        };
        foreach (var (name, value) in _settings)
            start.Environment[name] = value;
        var started = Process.Start(start)!;
        started.OutputDataReceived += (_, _) => { };
        started.ErrorDataReceived += (_, _) => { };
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return started;
    }

    async Task WaitUntilReady()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (true)
        {
            try
            {
                using var response = await Http.GetAsync("health/ready", patience.Token);
                if (response.StatusCode == HttpStatusCode.OK && (!_demo || File.Exists(Path.Combine(_folder, "demo.json"))))
                    return;
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
