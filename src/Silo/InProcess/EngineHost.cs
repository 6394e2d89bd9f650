using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using SessionManager.InProcess;
using SessionManager.Sessions;
using SessionManager.Storage;

namespace SessionManager.Hosting;

/// <summary>The engine this build was made for: our own, in this very process.</summary>
static class EngineHost
{
    public const string Name = "InProcess";
    public static bool Clusters => false;

    public static IEndpointConventionBuilder? MapDashboard(WebApplication app, string path) => null;

    public static void AddEngine(this WebApplicationBuilder builder, HostSettings host)
    {
        builder.Services
            .AddSingleton<IGrainStorageSerializer, GrainStateSerializer>()
            .AddInProcessEngine(
                engine =>
                {
                    // A sweep is late by no more than its own period.
                    engine.MinimumReminderPeriod = TimeSpan.FromSeconds(host.Sessions.SweepSeconds);
                    UseStorage(engine, host);
                },
                typeof(SessionGrain).Assembly);
    }

    static void UseStorage(InProcessOptions engine, HostSettings host)
    {
        if (host.Storage.Provider == StorageProvider.PostgreSQL)
        {
            engine.UsePostgres(host.Storage.ConnectionString!);
            return;
        }

        var file = new SqliteFile(host.Folder.EngineFile("grains.db"));
        file.Check();
        engine.UseSqlite(file.Path);
    }

    /// <summary>What the engine has to say about a failed start; null where it is not the engine's.</summary>
    public static string? Explain(Exception exception) => (exception as StorageUnusableException)?.Message;
}
