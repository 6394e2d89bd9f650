using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using SessionManager.Api.Hosting;
using SessionManager.Hosting;
using SessionManager.Storage;

namespace SessionManager.Tests.Demo;

/// <summary>The server with its demo, on a folder that outlives a start.</summary>
sealed class DemoHost : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("demo");
    readonly string[] _storage;

    public DemoHost(StorageProvider provider = StorageProvider.SQLite) => _storage = provider == StorageProvider.PostgreSQL
        ? ["--Storage:Provider=PostgreSQL", $"--Storage:ConnectionString={PostgresServer.Shared.CreateDatabase()}"]
        : [];

    public string Folder => _folder.FullName;

    public async Task<WebApplication> Start(params string[] settings)
    {
        var app = SessionManagerHost.Build(
            [
                $"--DATA_DIR={Folder}", "--PORT=0", "--Demo:Enabled=true", "--Logins:HashIterations=1", "--Logging:LogLevel:Default=None",
                .. _storage, .. settings,
            ],
            ApiServer.AddServices,
            ApiServer.UsePipeline);
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

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }
}
