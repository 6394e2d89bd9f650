using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using SessionManager.Api.Hosting;
using SessionManager.Hosting;
using SessionManager.Storage;

namespace SessionManager.Tests.Demo;

/// <summary>The server with its demo, on a folder that outlives a start.</summary>
sealed class DemoHost : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("demo");
    readonly string[] storage;

    public DemoHost(StorageProvider provider = StorageProvider.SQLite) => storage = provider == StorageProvider.PostgreSQL
        ? ["--Storage:Provider=PostgreSQL", $"--Storage:ConnectionString={PostgresServer.Shared.CreateDatabase()}"]
        : [];

    public string Folder => folder.FullName;

    public async Task<WebApplication> Start(params string[] settings)
    {
        var app = SessionManagerHost.Build(
            [
                $"--DATA_DIR={Folder}", "--PORT=0", "--Demo:Enabled=true", "--Logins:HashIterations=1", "--Logging:LogLevel:Default=None",
                .. storage, .. settings,
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
        folder.Delete(recursive: true);
    }
}
