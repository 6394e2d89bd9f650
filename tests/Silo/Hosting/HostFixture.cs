using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using SessionManager.Hosting;
using SessionManager.Storage;

namespace SessionManager.Tests.Hosting;

/// <summary>The host as the front end starts it, without a front end, on a folder of its own.</summary>
sealed class HostFixture : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("host");
    readonly string[] _storage = [];

    public HostFixture()
    {
    }

    public HostFixture(StorageProvider provider)
    {
        if (provider == StorageProvider.PostgreSQL)
            _storage = ["--Storage:Provider=PostgreSQL", $"--Storage:ConnectionString={PostgresServer.Shared.CreateDatabase()}"];
    }

    /// <summary>Not there before the first start.</summary>
    public string Folder => Path.Combine(_folder.FullName, "data");

    public string DatabaseFolder => Path.Combine(Folder, "database");

    public WebApplication Build(params string[] settings) => SessionManagerHost.Build(
        [$"--DATA_DIR={Folder}", "--PORT=0", "--Logins:HashIterations=1", "--Logging:LogLevel:Default=None", .. _storage, .. settings],
        (_, _) => { },
        _ => { });

    public async Task<WebApplication> Start(params string[] settings)
    {
        var app = Build(settings);
        try
        {
            await app.StartAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>What stands on stderr when the start fails.</summary>
    public async Task<string[]> FailToStart(params string[] settings)
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(async () => await (await Start(settings)).DisposeAsync());
        return [.. StartupFailure.Explain(exception)];
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }
}
