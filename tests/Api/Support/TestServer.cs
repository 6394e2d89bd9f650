using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using SessionManager.Api.Hosting;
using SessionManager.Api.Tokens;
using SessionManager.Hosting;
using SessionManager.Randomness;

namespace SessionManager.Tests;

/// <summary>The whole server in this process, on real HTTP, a free port and storage of its own.</summary>
public sealed class TestServer : IAsyncDisposable
{
    static readonly ConcurrentDictionary<StorageProvider, Lazy<Task<TestServer>>> Shared = new();
    static int names;

    readonly WebApplication app;
    readonly string folder;

    TestServer(WebApplication app, string folder, ShiftedTime time)
    {
        this.app = app;
        this.folder = folder;
        Time = time;
        Address = new Uri(app.Urls.First());
        Http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = Address };
    }

    public Uri Address { get; }
    public HttpClient Http { get; }
    public ShiftedTime Time { get; }
    public IServiceProvider Services => app.Services;
    public IGrainFactory Grains => app.Services.GetRequiredService<IGrainFactory>();
    public TokenService Tokens => app.Services.GetRequiredService<TokenService>();

    /// <summary>One that tests share which change nothing but what they made themselves.</summary>
    public static Task<TestServer> On(StorageProvider storage) =>
        Shared.GetOrAdd(storage, provider => new(() => Start(provider))).Value;

    public static Task<TestServer> OnSqlite() => On(StorageProvider.SQLite);

    /// <summary>One of the test's own.</summary>
    public static async Task<TestServer> Start(StorageProvider storage = StorageProvider.SQLite, params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("api").FullName;
        var time = new ShiftedTime();
        string[] database = storage == StorageProvider.PostgreSQL
            ? ["--Storage:Provider=PostgreSQL", $"--Storage:ConnectionString={PostgresServer.Shared.CreateDatabase()}"]
            : [];
        var app = SessionManagerHost.Build(
            ["--DATA_DIR", folder, "--PORT", "0", "--Accounts:RequestsPerMinute", "1000000", .. database, .. settings],
            (builder, given) =>
            {
                ApiServer.AddServices(builder, given);
                builder.Services.AddSingleton<TimeProvider>(time);
            },
            ApiServer.UsePipeline);
        await app.StartAsync();
        return new TestServer(app, folder, time);
    }

    /// <summary>A name that no other test of this process uses.</summary>
    public static string NewName(string prefix) => $"{prefix}{Interlocked.Increment(ref names)}";

    public static IRandomSource Random { get; } = new SystemRandomSource();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
