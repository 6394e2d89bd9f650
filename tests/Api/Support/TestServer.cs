using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using SessionManager.Api.Hosting;
using SessionManager.Api.Tokens;
using SessionManager.Api.Users;
using SessionManager.Hosting;
using SessionManager.Randomness;
using SessionManager.Storage;

namespace SessionManager.Tests;

/// <summary>The whole server in this process, on real HTTP, a free port and storage of its own.</summary>
public sealed class TestServer : IAsyncDisposable
{
    static readonly ConcurrentDictionary<StorageProvider, Lazy<Task<TestServer>>> Shared = new();
    static int _names;

    /// <summary>Passwords are hashed cheaply here; what one costs where nothing is set, the tests of the hasher show.</summary>
    public const int HashIterations = 1_000;

    readonly WebApplication _app;
    bool _stopped;

    TestServer(WebApplication app, string folder, ShiftedTime time)
    {
        _app = app;
        Folder = folder;
        Time = time;
        Address = new Uri(app.Urls.First());
        Http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256, UseCookies = false }) { BaseAddress = Address };
    }

    public Uri Address { get; }
    public HttpClient Http { get; }
    public ShiftedTime Time { get; }

    /// <summary>Where its files are.</summary>
    public string Folder { get; }
    public IServiceProvider Services => _app.Services;
    public IGrainFactory Grains => _app.Services.GetRequiredService<IGrainFactory>();
    public TokenService Tokens => _app.Services.GetRequiredService<TokenService>();

    /// <summary>One that tests share which change nothing but what they made themselves.</summary>
    public static Task<TestServer> On(StorageProvider storage) =>
        Shared.GetOrAdd(storage, provider => new(() => Start(provider))).Value;

    public static Task<TestServer> OnSqlite() => On(StorageProvider.SQLite);

    /// <summary>One of the test's own.</summary>
    public static Task<TestServer> Start(StorageProvider storage = StorageProvider.SQLite, params string[] settings)
    {
        string[] database = storage == StorageProvider.PostgreSQL
            ? ["--Storage:Provider=PostgreSQL", $"--Storage:ConnectionString={PostgresServer.Shared.CreateDatabase()}"]
            : [];
        return Launch(NewFolder(), new ShiftedTime(), [.. database, .. settings], null);
    }

    /// <summary>One of the test's own on SQLite, with something else added to it.</summary>
    public static Task<TestServer> StartWith(Action<WebApplicationBuilder> more, params string[] settings) =>
        Launch(NewFolder(), new ShiftedTime(), settings, more);

    /// <summary>Stops it and starts another on the same files, at the same time of its clock.</summary>
    public async Task<TestServer> Restart(params string[] settings)
    {
        await Stop();
        return await Launch(Folder, Time, settings, null);
    }

    static async Task<TestServer> Launch(string folder, ShiftedTime time, string[] settings, Action<WebApplicationBuilder>? more)
    {
        var app = SessionManagerHost.Build(
            ["--DATA_DIR", folder, "--PORT", "0", "--Accounts:RequestsPerMinute", "1000000", "--Logins:HashIterations", $"{HashIterations}",
                .. settings],
            (builder, given) =>
            {
                ApiServer.AddServices(builder, given);
                builder.Services.AddSingleton<TimeProvider>(time);
                more?.Invoke(builder);
            },
            ApiServer.UsePipeline);
        await app.StartAsync();
        return new TestServer(app, folder, time);
    }

    static string NewFolder() => Directory.CreateTempSubdirectory("api").FullName;

    /// <summary>A name that no other test of this process uses.</summary>
    public static string NewName(string prefix) => $"{prefix}{Interlocked.Increment(ref _names)}";

    public static IRandomSource Random { get; } = new SystemRandomSource();

    /// <summary>Stops it and leaves its files.</summary>
    public async Task Stop()
    {
        _stopped = true;
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
            await Stop();
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }
}
